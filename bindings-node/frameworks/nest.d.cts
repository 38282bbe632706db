import type {
  ArgumentsHost,
  CanActivate,
  DynamicModule,
  ExceptionFilter,
  ExecutionContext,
  FactoryProvider,
  ModuleMetadata,
} from '@nestjs/common';
import type { Requirements, Validator, ValidatorOptions } from '../index.cjs';
import type { GuardOptions } from './common.cjs';

export { GuardOptions, HttpError } from './common.cjs';

/** How the module gets its validator from other providers. */
export interface AccessTokenModuleAsyncOptions extends GuardOptions<any> {
  /** Modules whose providers are injected. */
  imports?: ModuleMetadata['imports'];
  /** What the factory is called with. */
  inject?: FactoryProvider['inject'];
  /** Makes the validator, or its options. */
  useFactory: (...injected: any[]) => Promise<Validator | ValidatorOptions> | Validator | ValidatorOptions;
}

/**
 * The module of an application, imported once: its validator keeps keys and remembers tokens. It is global, answers to
 * what is refused as the core says, and serves the metadata of a `protected_resource` (RFC 9728). `Validator` can be
 * injected.
 *
 * ```ts
 * @Module({
 *   imports: [AccessTokenModule.forRoot({ issuer: 'https://as.example/', audience: 'https://api.example/' })],
 *   controllers: [PatientsController],
 * })
 * export class AppModule {}
 * ```
 */
export declare class AccessTokenModule {
  /** @throws {At9068Error} `config_invalid`, as the constructor of {@link Validator}. */
  static forRoot(validator: Validator | ValidatorOptions, options?: GuardOptions<any>): DynamicModule;
  static forRootAsync(options: AccessTokenModuleAsyncOptions): DynamicModule;
}

/**
 * Lets requests with a valid token through. {@link Require} brings it along; as a global guard (`APP_GUARD`) it guards
 * every route that is not {@link Public}.
 */
export declare class AccessTokenGuard implements CanActivate {
  private constructor();
  canActivate(context: ExecutionContext): Promise<boolean>;
}

/** Answers to errors as the core says, body included. The module brings it along. */
export declare class AccessTokenFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void;
}

/**
 * Guards a method or a whole controller: a valid token is needed, and of it whatever is demanded. Of a controller and
 * its method, both demands hold.
 *
 * ```ts
 * @Get('patients')
 * @Require({ scopes: ['read:patients'] })
 * list(@Token() token: AccessToken) {}
 * ```
 */
export declare function Require(require?: Requirements | string): ClassDecorator & MethodDecorator;

/** Leaves a method or a controller open where a guard stands around it. */
export declare function Public(): ClassDecorator & MethodDecorator;

/** The token of the request, as a parameter of a method. */
export declare function Token(): ParameterDecorator;
