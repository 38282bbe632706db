'use strict';

const { At9068Error, failure } = require('../error.cjs');
const args = require('../arguments.cjs');
const { Validator } = require('../validator.cjs');
const { HttpError, answerTo } = require('./error.cjs');
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
  const { Catch, Inject, Injectable, Module, UseGuards, applyDecorators, createParamDecorator } = common;

  /** What the decorators are to a compiler. */
  function decorate(type, decorator, ...injected) {
    injected.forEach((token, place) => Inject(token)(type, undefined, place));
    decorator(type);
  }

  class AccessTokenGuard {
    #own;
    /** What routes demand, by their marks. */
    #demands = new WeakMap();

    constructor(own) {
      this.#own = own;
    }

    async canActivate(context) {
      if (context.getType() !== 'http') throw failure('argument_invalid', 'only requests over HTTP can be guarded');
      const routes = marks(context.getClass(), context.getHandler());
      if (routes.includes(OPEN)) return true;
      const request = context.switchToHttp().getRequest();
      const message = request.raw ?? request;
      const asked = fromNode(message, request.originalUrl ?? message.url, request);
      for (const route of routes) request.accessToken = await this.#own.authenticate(asked, this.#demanded(route));
      return true;
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
      const answer = answerTo(error);
      const response = host.switchToHttp().getResponse();
      if (answer === undefined || (response.raw ?? response).headersSent) return super.catch(error, host);
      return respond(response, answer);
    }
  }
  decorate(AccessTokenFilter, Catch(HttpError, At9068Error));

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
    const all = [...(Reflect.getOwnMetadata(MARK, marked) ?? []), one];
    if (all.length > 1 && all.includes(OPEN)) throw failure('argument_invalid', 'what is public can demand nothing');
    Reflect.defineMetadata(MARK, all, marked);
  };
}

/** What holds for a method: that it is open, where it says so or nothing but its class does; else all that is demanded. */
function marks(type, method) {
  const [outer, inner] = [type, method].map((marked) => Reflect.getMetadata(MARK, marked) ?? []);
  const last = inner.length === 0 ? outer : inner;
  if (last.includes(OPEN)) return [OPEN];
  const demanded = [...outer, ...inner].filter((one) => one !== OPEN);
  return demanded.length === 0 ? [ANY] : demanded;
}

/** Answers on whichever platform the application stands. */
function respond(response, answer) {
  return response.raw === undefined ? send(response, answer) : reply(response, answer);
}

module.exports = { over };
