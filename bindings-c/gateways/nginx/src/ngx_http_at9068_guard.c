/*
 * The access phase: a request, its credential, the verdict.
 *
 * As every access module of nginx it guards requests of clients, not the subrequests that these cause; and it is
 * asked again after an internal redirect, for the location that it led to.
 */

#include "ngx_http_at9068_module.h"


static ngx_http_at9068_ctx_t *ngx_http_at9068_create_ctx(ngx_http_request_t *r);
static void ngx_http_at9068_reset(ngx_http_at9068_ctx_t *ctx);
static void ngx_http_at9068_cleanup(void *data);
static ngx_int_t ngx_http_at9068_request(ngx_http_request_t *r,
    ngx_str_t *json);
static ngx_table_elt_t *ngx_http_at9068_next_header(ngx_list_part_t **part,
    ngx_uint_t *i);
static ngx_uint_t ngx_http_at9068_is_header(ngx_table_elt_t *header,
    ngx_str_t *name);
static ngx_int_t ngx_http_at9068_certificate(ngx_http_request_t *r,
    at9068_string **sha256);
static ngx_int_t ngx_http_at9068_grant(ngx_http_request_t *r,
    ngx_http_at9068_loc_conf_t *conf);
static ngx_int_t ngx_http_at9068_remove_token(ngx_http_request_t *r);
static ngx_int_t ngx_http_at9068_refuse(ngx_http_request_t *r,
    ngx_http_at9068_ctx_t *ctx);


/* the fields that carry credentials (RFC 6750 section 2.1, RFC 9449 section 7.1); the core takes them out */
static ngx_str_t  ngx_http_at9068_credentials[] = {
    ngx_string("authorization"),
    ngx_string("dpop"),
    ngx_null_string
};


ngx_int_t
ngx_http_at9068_handler(ngx_http_request_t *r)
{
    ngx_int_t                    rc;
    at9068_code                  code;
    at9068_flight               *flight;
    at9068_refresh              *refresh;
    ngx_http_at9068_ctx_t       *ctx;
    at9068_validate_options      options;
    ngx_http_at9068_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_at9068_module);

    /* metadata are for those who have no token yet, the status for operators, whom rules by address let in */

    if (!conf->enable || conf->metadata || conf->status) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_at9068_get_ctx(r);

    if (ctx == NULL) {
        ctx = ngx_http_at9068_create_ctx(r);
        if (ctx == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    if (ctx->wait) {
        return NGX_AGAIN;
    }

    if (ctx->validator != conf->validator
        || ctx->require.len != conf->require.len
        || ngx_memcmp(ctx->require.data, conf->require.data, ctx->require.len)
           != 0)
    {
        ngx_http_at9068_reset(ctx);
        ctx->validator = conf->validator;
        ctx->require = conf->require;
    }

    if (ctx->token) {
        return ngx_http_at9068_grant(r, conf);
    }

    if (ctx->json.data == NULL) {
        rc = ngx_http_at9068_request(r, &ctx->json);
        if (rc != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    at9068_error_free(ctx->error);
    ctx->error = NULL;

    ngx_memzero(&options, sizeof(at9068_validate_options));
    options.size = sizeof(at9068_validate_options);
    options.require.ptr = (char *) conf->require.data;
    options.require.len = conf->require.len;

    flight = NULL;
    refresh = NULL;

    if (ctx->waited < AT9068_ROUNDS) {
        code = at9068_validator_step_request(conf->validator->handle,
                                             (char *) ctx->json.data,
                                             ctx->json.len, &options,
                                             &refresh, &flight, &ctx->token,
                                             &ctx->error);
    } else {
        code = at9068_validator_authenticate_at_hand(conf->validator->handle,
                                                     (char *) ctx->json.data,
                                                     ctx->json.len, &options,
                                                     &ctx->token, &ctx->error);
    }

    if (code == AT9068_CODE_OK) {
        ngx_http_at9068_forget_variables(r);
        return ngx_http_at9068_grant(r, conf);
    }

    if (refresh == NULL && flight == NULL) {
        ngx_http_at9068_forget_variables(r);
        return ngx_http_at9068_refuse(r, ctx);
    }

    at9068_error_free(ctx->error);
    ctx->error = NULL;

    if (ngx_http_at9068_wait(ctx, refresh, flight) != NGX_OK) {

        /* no thread is to be had: what is at hand has to do */

        ctx->waited = AT9068_ROUNDS;

        return ngx_http_at9068_handler(r);
    }

    ctx->waited++;

    /* a client that goes away ends the request, whose cleanup ends the waiting */

    if (r->connection->read->ready) {
        ngx_post_event(r->connection->read, &ngx_posted_events);

    } else if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    return NGX_AGAIN;
}


/* behind the access phase: with "satisfy any" somebody else let the request in, and the refusal is over */

ngx_int_t
ngx_http_at9068_granted_handler(ngx_http_request_t *r)
{
    ngx_http_at9068_ctx_t       *ctx;
    ngx_http_at9068_loc_conf_t  *conf;

    if (r != r->main) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_at9068_get_ctx(r);
    conf = ngx_http_get_module_loc_conf(r, ngx_http_at9068_module);

    if (conf->enable && (ctx == NULL || ctx->token == NULL)
        && ngx_http_at9068_grant(r, conf) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* the page of error_page is another matter: it comes after a redirect, and the refusal stands */

    if (ctx && ctx->error && ctx->uri_changes == r->uri_changes) {
        at9068_error_free(ctx->error);
        ctx->error = NULL;
    }

    return NGX_DECLINED;
}


void
ngx_http_at9068_resume(ngx_http_request_t *r)
{
    ngx_connection_t  *c;

    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);

    } else {
        r->read_event_handler = ngx_http_block_reading;
        r->write_event_handler = ngx_http_core_run_phases;

        ngx_http_core_run_phases(r);
    }

    ngx_http_run_posted_requests(c);
}


/* nginx forgets the contexts of modules with every internal redirect; the cleanup stays */

ngx_http_at9068_ctx_t *
ngx_http_at9068_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t     *cln;
    ngx_http_at9068_ctx_t  *ctx;

    r = r->main;
    ctx = ngx_http_get_module_ctx(r, ngx_http_at9068_module);

    if (ctx == NULL && (r->internal || r->filter_finalize)) {

        for (cln = r->pool->cleanup; cln; cln = cln->next) {
            if (cln->handler == ngx_http_at9068_cleanup) {
                return cln->data;
            }
        }
    }

    return ctx;
}


static ngx_http_at9068_ctx_t *
ngx_http_at9068_create_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t     *cln;
    ngx_http_at9068_ctx_t  *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_at9068_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_at9068_ctx_t));

    ctx->request = r;
    cln->handler = ngx_http_at9068_cleanup;

    ngx_http_set_ctx(r, ctx, ngx_http_at9068_module);

    return ctx;
}


static void
ngx_http_at9068_reset(ngx_http_at9068_ctx_t *ctx)
{
    at9068_access_token_free(ctx->token);
    at9068_error_free(ctx->error);

    ctx->token = NULL;
    ctx->error = NULL;
    ctx->waited = 0;
}


static void
ngx_http_at9068_cleanup(void *data)
{
    ngx_http_at9068_ctx_t  *ctx = data;

    ngx_http_at9068_forget(ctx);
    ngx_http_at9068_reset(ctx);
}


/* what the core reads: {"method":..,"url":..,"client_certificate_sha256":..,"headers":[[..,..],..]} */

static ngx_int_t
ngx_http_at9068_request(ngx_http_request_t *r, ngx_str_t *json)
{
    size_t            len;
    u_char           *p;
    ngx_str_t        *name;
    ngx_uint_t        i, n;
    at9068_str        view;
    at9068_string    *sha256;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    if (ngx_http_at9068_certificate(r, &sha256) != NGX_OK) {
        return NGX_ERROR;
    }

    view = at9068_string_view(sha256);

    len = sizeof("{\"method\":,\"url\":,\"client_certificate_sha256\":\"\","
                 "\"headers\":[]}") - 1
          + ngx_http_at9068_json_length(&r->method_name)
          + ngx_http_at9068_json_length(&r->unparsed_uri) + view.len;

    for (name = ngx_http_at9068_credentials; name->len; name++) {
        part = &r->headers_in.headers.part;
        i = 0;

        while ((header = ngx_http_at9068_next_header(&part, &i)) != NULL) {
            if (ngx_http_at9068_is_header(header, name)) {
                len += sizeof("[,],") - 1 + ngx_http_at9068_json_length(name)
                       + ngx_http_at9068_json_length(&header->value);
            }
        }
    }

    json->data = ngx_pnalloc(r->pool, len);
    if (json->data == NULL) {
        at9068_string_free(sha256);
        return NGX_ERROR;
    }

    p = ngx_cpymem(json->data, "{\"method\":", sizeof("{\"method\":") - 1);
    p = ngx_http_at9068_json(p, &r->method_name, 0);
    p = ngx_cpymem(p, ",\"url\":", sizeof(",\"url\":") - 1);
    p = ngx_http_at9068_json(p, &r->unparsed_uri, 0);

    if (view.ptr) {
        p = ngx_cpymem(p, ",\"client_certificate_sha256\":\"",
                       sizeof(",\"client_certificate_sha256\":\"") - 1);
        p = ngx_cpymem(p, view.ptr, view.len);
        *p++ = '"';
    }

    at9068_string_free(sha256);

    p = ngx_cpymem(p, ",\"headers\":[", sizeof(",\"headers\":[") - 1);
    n = 0;

    for (name = ngx_http_at9068_credentials; name->len; name++) {
        part = &r->headers_in.headers.part;
        i = 0;

        while ((header = ngx_http_at9068_next_header(&part, &i)) != NULL) {
            if (!ngx_http_at9068_is_header(header, name)) {
                continue;
            }

            if (n++) {
                *p++ = ',';
            }

            *p++ = '[';
            p = ngx_http_at9068_json(p, name, 0);
            *p++ = ',';
            p = ngx_http_at9068_json(p, &header->value, 0);
            *p++ = ']';
        }
    }

    *p++ = ']';
    *p++ = '}';

    json->len = p - json->data;

    return NGX_OK;
}


static ngx_table_elt_t *
ngx_http_at9068_next_header(ngx_list_part_t **part, ngx_uint_t *i)
{
    ngx_table_elt_t  *header;

    while (*i >= (*part)->nelts) {

        if ((*part)->next == NULL) {
            return NULL;
        }

        *part = (*part)->next;
        *i = 0;
    }

    header = (*part)->elts;

    return &header[(*i)++];
}


static ngx_uint_t
ngx_http_at9068_is_header(ngx_table_elt_t *header, ngx_str_t *name)
{
    return header->key.len == name->len
           && ngx_strncasecmp(header->key.data, name->data, name->len) == 0;
}


/* of the client's certificate on this connection, which TLS has proved to be the client's; none, none */

static ngx_int_t
ngx_http_at9068_certificate(ngx_http_request_t *r, at9068_string **sha256)
{
#if (NGX_HTTP_SSL)
    ngx_str_t      pem;
    at9068_error  *error;
#endif

    *sha256 = NULL;

#if (NGX_HTTP_SSL)

    if (r->connection->ssl == NULL) {
        return NGX_OK;
    }

    if (ngx_ssl_get_raw_certificate(r->connection, r->pool, &pem) != NGX_OK) {
        return NGX_ERROR;
    }

    if (pem.len == 0) {
        return NGX_OK;
    }

    if (at9068_certificate_sha256(pem.data, pem.len, sha256, &error)
        != AT9068_CODE_OK)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "at9068: client certificate: %*s",
                      ngx_http_at9068_text(at9068_error_message(error)));
        at9068_error_free(error);
        return NGX_ERROR;
    }

#endif

    return NGX_OK;
}


/* also where an internal redirect led, which may forward less than where it came from */

static ngx_int_t
ngx_http_at9068_grant(ngx_http_request_t *r, ngx_http_at9068_loc_conf_t *conf)
{
    if (!conf->forward_token && ngx_http_at9068_remove_token(r) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_OK;
}


/* A new list without the field: others hold pointers into the old one, which stays as it is. */

static ngx_int_t
ngx_http_at9068_remove_token(ngx_http_request_t *r)
{
    ngx_list_t        headers;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header, *kept;

    if (ngx_list_init(&headers, r->pool, 20, sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    part = &r->headers_in.headers.part;
    i = 0;

    while ((header = ngx_http_at9068_next_header(&part, &i)) != NULL) {

        if (ngx_http_at9068_is_header(header, &ngx_http_at9068_credentials[0]))
        {
            continue;
        }

        kept = ngx_list_push(&headers);
        if (kept == NULL) {
            return NGX_ERROR;
        }

        *kept = *header;
    }

    r->headers_in.headers = headers;

    /* a list of one part ends in itself */

    if (headers.last == &headers.part) {
        r->headers_in.headers.last = &r->headers_in.headers.part;
    }

    r->headers_in.authorization = NULL;

    return NGX_OK;
}


static ngx_int_t
ngx_http_at9068_refuse(ngx_http_request_t *r, ngx_http_at9068_ctx_t *ctx)
{
    ngx_uint_t  level, status;

    status = at9068_error_status(ctx->error);

    /* a token that is refused is the client's affair, what keeps us from a verdict the operator's */

    level = status && status < NGX_HTTP_INTERNAL_SERVER_ERROR ? NGX_LOG_INFO
                                                              : NGX_LOG_ERR;

    ngx_log_error(level, r->connection->log, 0, "at9068: %*s: %*s",
                  ngx_http_at9068_text(at9068_error_slug(ctx->error)),
                  ngx_http_at9068_text(at9068_error_message(ctx->error)));

    ctx->uri_changes = r->uri_changes;

    return status ? (ngx_int_t) status : NGX_HTTP_INTERNAL_SERVER_ERROR;
}
