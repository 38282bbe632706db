'use strict';

const { At9068Error, failure } = require('../error.cjs');
const args = require('../arguments.cjs');
const { Validator } = require('../validator.cjs');
const { HttpError: CommonError, answerTo, fields } = require('./error.cjs');
const { Guard, fromNode } = require('./guard.cjs');
const { reply, send } = require('./send.cjs');

/** Under which the guard is known to Nest. */
const GUARD = Symbol.for('at9068.guard');

/** What decorators leave on classes and methods: what is demanded there, or that nothing is. */
const MARK = 'at9068:route';
const OPEN = Object.freeze({ open: true });
/** What is demanded where a guard stands and no decorator says more. */
const ANY = Object.freeze({});

/** What was made for a copy of Nest: CommonJS and ES modules get the same classes. */
const made = new WeakMap();

/** The adapter over the application's own copy of Nest. */
function over(common, core) {
  if (!made.has(common.Injectable)) made.set(common.Injectable, make(common, core));
  return made.get(common.Injectable);
}

function make(common, { APP_FILTER, BaseExceptionFilter, HttpAdapterHost }) {
  const { Catch, HttpException, Inject, Injectable, Module, UseGuards, applyDecorators, createParamDecorator } = common;

  /** What the decorators are to a compiler. */
  function decorate(type, decorator, ...injected) {
    injected.forEach((token, place) => Inject(token)(type, undefined, place));
    decorator(type);
  }

  /** Of the kind that filters of errors know, for those that make answers of their own. */
  class HttpError extends HttpException {
    constructor({ message, code, headers, cause }) {
      const { status, body } = cause.httpResponse;
      super(JSON.parse(body), status, { cause });
      this.message = message;
      this.code = code;
      this.headers = headers;
    }

    get httpResponse() {
      return this.cause.httpResponse;
    }
  }

  class AccessTokenGuard {
    #own;
    /** The marks of routes, by class and method. */
    #marks = new WeakMap();
    /** What routes demand, by their marks. */
    #demands = new WeakMap();

    constructor(own) {
      this.#own = own;
    }

    async canActivate(context) {
      if (context.getType() !== 'http') throw failure('argument_invalid', 'only requests over HTTP can be guarded');
      const routes = this.#marked(context.getClass(), context.getHandler());
      if (routes.includes(OPEN)) return true;
      const request = context.switchToHttp().getRequest();
      const message = request.raw ?? request;
      const asked = fromNode(message, request.originalUrl ?? message.url, request);
      try {
        for (const route of routes) request.accessToken = await this.#own.authenticate(asked, this.#demanded(route));
      } catch (error) {
        if (!(error instanceof CommonError)) throw error;
        // They go with the answer of any filter.
        const response = context.switchToHttp().getResponse();
        for (const [name, value] of Object.entries(error.headers)) response.header(name, value);
        throw new HttpError(error);
      }
      return true;
    }

    #marked(type, method) {
      if (!this.#marks.has(type)) this.#marks.set(type, new Map());
      const known = this.#marks.get(type);
      if (!known.has(method)) known.set(method, marks(type, method));
      return known.get(method);
    }

    #demanded(route) {
      if (!this.#demands.has(route)) this.#demands.set(route, this.#own.demands(route));
      return this.#demands.get(route);
    }
  }
  decorate(AccessTokenGuard, Injectable(), GUARD);

  class AccessTokenFilter extends BaseExceptionFilter {
    catch(error, host) {
      if (host.getType() !== 'http') throw error;
      const answer = answerTo(error instanceof HttpError ? error.cause : error);
      const response = host.switchToHttp().getResponse();
      if (answer === undefined || (response.raw ?? response).headersSent) return super.catch(error, host);
      return respond(response, answer);
    }
  }
  decorate(AccessTokenFilter, Catch(HttpError, CommonError, At9068Error));

  class AccessTokenModule {
    #own;
    #host;

    constructor(own, host) {
      this.#own = own;
      this.#host = host;
    }

    static forRoot(validator, options) {
      return module({ provide: GUARD, useValue: new Guard(validator, options) });
    }

    static forRootAsync(options) {
      const names = ['imports', 'inject', 'useFactory', 'clientCertificate'];
      const { imports = [], inject = [], useFactory, clientCertificate } = args.options(options, names);
      const own = async (...injected) => new Guard(await useFactory(...injected), { clientCertificate });
      return module({ provide: GUARD, inject, useFactory: own }, imports);
    }

    /** The route of the metadata is the adapter's own: no prefix of the application moves it. */
    onModuleInit() {
      if (this.#own.validator.protectedResourceMetadataPath === undefined) return;
      const { path, response: document } = this.#own.metadata;
      this.#host.httpAdapter.get(path, (_request, response) => respond(response, document));
    }
  }
  decorate(AccessTokenModule, Module({}), GUARD, HttpAdapterHost);

  function module(guard, imports = []) {
    const validator = { provide: Validator, inject: [GUARD], useFactory: (own) => own.validator };
    const filter = { provide: APP_FILTER, useClass: AccessTokenFilter };
    return {
      module: AccessTokenModule,
      global: true,
      imports,
      providers: [guard, validator, AccessTokenGuard, filter],
      exports: [GUARD, Validator, AccessTokenGuard],
    };
  }

  /** The mark comes with the guard, so that nothing is demanded where nobody looks. */
  function Require(require) {
    return applyDecorators(mark(Object.freeze({ require })), UseGuards(AccessTokenGuard));
  }

  function Public() {
    return mark(OPEN);
  }

  const Token = createParamDecorator((_, context) => context.switchToHttp().getRequest().accessToken);

  return { AccessTokenFilter, AccessTokenGuard, AccessTokenModule, HttpError, Public, Require, Token };
}

/** A decorator that adds a mark to those of a class or a method: no demand takes the place of another. */
function mark(one) {
  return (type, _name, descriptor) => {
    const marked = descriptor?.value ?? type;
    const all = [...own(marked), one];
    if (all.length > 1 && all.includes(OPEN)) throw failure('argument_invalid', 'what is public can demand nothing');
    Reflect.defineMetadata(MARK, all, marked);
  };
}

/**
 * What holds for a method: that it is open, where it says so or nothing but its class does; else all that is demanded, by
 * what it overrides and by what its class extends too.
 */
function marks(type, method) {
  const demandsOf = (marked) => own(marked).filter((one) => one !== OPEN);
  const levels = [...lineage(type).map(own), ...overridden(type, method).map(demandsOf), own(method)];
  if (levels.findLast((level) => level.length > 0)?.includes(OPEN)) return [OPEN];
  const demanded = levels.flat().filter((one) => one !== OPEN);
  return demanded.length === 0 ? [ANY] : demanded;
}

/** The marks of a class or a method itself. */
function own(marked) {
  return Reflect.getOwnMetadata(MARK, marked) ?? [];
}

/** What an object inherits from, the farthest first, and the object itself. */
function lineage(object) {
  return object === null ? [] : [...lineage(Object.getPrototypeOf(object)), object];
}

/** The methods that one overrides. */
function overridden(type, method) {
  const classes = lineage(type.prototype).map(Object.getOwnPropertyDescriptors);
  const names = classes.flatMap(Reflect.ownKeys);
  const name = names.find((one) => classes.some((members) => members[one]?.value === method));
  const all = classes.map((members) => members[name]?.value);
  return all.filter((one) => typeof one === 'function' && one !== method);
}

/** Answers on whichever platform the application stands. */
function respond(response, answer) {
  return response.raw === undefined ? send(response, answer) : reply(response, answer);
}

module.exports = { over };
