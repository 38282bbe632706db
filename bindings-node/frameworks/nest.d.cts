import type {
  ArgumentsHost,
  CanActivate,
  DynamicModule,
  ExceptionFilter,
  ExecutionContext,
  FactoryProvider,
  HttpException,
  ModuleMetadata,
} from '@nestjs/common';
import type { At9068Error, ErrorCode, HttpResponse, Requirements, Validator, ValidatorOptions } from '../index.cjs';
import type { GuardOptions } from './common.cjs';

export { GuardOptions } from './common.cjs';

/**
 * Why a request is refused, or cannot be decided about, as an exception of Nest's: `getStatus()` and `getResponse()` are
 * the status and the body of the answer, and its other header fields are on the response already. So the challenge goes
 * with the answer of any filter. Thrown by the guard only: a demand in a handler, by `token.require`, throws an
 * {@link At9068Error}, which has the whole answer in `httpResponse`.
 */
export declare class HttpError extends HttpException {
  private constructor();
  /** The stable code, as in `token_expired`. */
  readonly code: ErrorCode;
  /** The header fields of the answer that go with any body: `WWW-Authenticate`, `Retry-After`, `Cache-Control`. */
  readonly headers: { readonly [name: string]: string | string[] };
  /** What the core said of the request. */
  readonly cause: At9068Error;
  /** The whole answer, body included. */
  get httpResponse(): HttpResponse;
}

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
 * its method, both demands hold, and so do those of a class that it extends and of a method that it overrides.
 *
 * To Nest, a method that overrides another is a new one, which no guard of the other's guards: it needs `@Require` too,
 * unless its controller or the application is guarded.
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
