/*
 * Refusals as the core words them; metadata; status.
 *
 * The guard returns a status as every access module does, so that "satisfy" and "error_page" do what they do.
 * Here the answer that nginx makes of it gets the header fields and the body of the core. A page that error_page
 * names keeps its body, and gets the header fields as long as it has the status that they belong to.
 */

#include "ngx_http_at9068_module.h"


static ngx_int_t ngx_http_at9068_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_at9068_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_at9068_add_header(ngx_http_request_t *r,
    at9068_str name, at9068_str value);
static ngx_int_t ngx_http_at9068_copy(ngx_http_request_t *r, at9068_str text,
    ngx_str_t *copy);
static ngx_int_t ngx_http_at9068_send(ngx_http_request_t *r, ngx_str_t *type,
    ngx_buf_t *b);
static ngx_int_t ngx_http_at9068_filter_init(ngx_conf_t *cf);


static ngx_http_module_t  ngx_http_at9068_filter_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_at9068_filter_init,           /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_at9068_filter_module = {
    NGX_MODULE_V1,
    &ngx_http_at9068_filter_module_ctx,    /* module context */
    NULL,                                  /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;

static ngx_str_t  ngx_http_at9068_json_type = ngx_string("application/json");
static ngx_str_t  ngx_http_at9068_type = ngx_string("content-type");


static ngx_int_t
ngx_http_at9068_header_filter(ngx_http_request_t *r)
{
    size_t                  i, n;
    at9068_str              body, name, value;
    ngx_http_at9068_ctx_t  *ctx;

    if (r != r->main) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_at9068_get_ctx(r);

    if (ctx == NULL || ctx->error == NULL
        || r->headers_out.status != at9068_error_status(ctx->error))
    {
        return ngx_http_next_header_filter(r);
    }

    ctx->replaced = (ctx->uri_changes == r->uri_changes);

    n = at9068_error_http_header_count(ctx->error);

    for (i = 0; i < n; i++) {
        (void) at9068_error_http_header(ctx->error, i, &name, &value);

        if (name.len != ngx_http_at9068_type.len
            || ngx_strncasecmp((u_char *) name.ptr, ngx_http_at9068_type.data,
                               name.len)
               != 0)
        {
            if (ngx_http_at9068_add_header(r, name, value) != NGX_OK) {
                return NGX_ERROR;
            }

            continue;
        }

        if (!ctx->replaced) {
            continue;
        }

        if (ngx_http_at9068_copy(r, value, &r->headers_out.content_type)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        r->headers_out.content_type_len = r->headers_out.content_type.len;
        r->headers_out.content_type_lowcase = NULL;
        ngx_str_null(&r->headers_out.charset);
    }

    if (ctx->replaced) {
        body = at9068_error_http_body(ctx->error);

        ngx_http_clear_content_length(r);
        r->headers_out.content_length_n = body.len;
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_at9068_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t              *b;
    ngx_str_t               copy;
    ngx_chain_t            *cl, out;
    ngx_http_at9068_ctx_t  *ctx;

    if (in == NULL || r != r->main) {
        return ngx_http_next_body_filter(r, in);
    }

    ctx = ngx_http_at9068_get_ctx(r);

    if (ctx == NULL || !ctx->replaced) {
        return ngx_http_next_body_filter(r, in);
    }

    /* the page of nginx */

    for (cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
    }

    if (ctx->sent) {
        return NGX_OK;
    }

    ctx->sent = 1;

    if (ngx_http_at9068_copy(r, at9068_error_http_body(ctx->error), &copy)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = copy.data;
    b->last = copy.data + copy.len;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_next_body_filter(r, &out);
}


static ngx_int_t
ngx_http_at9068_add_header(ngx_http_request_t *r, at9068_str name,
    at9068_str value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    if (ngx_http_at9068_copy(r, name, &h->key) != NGX_OK
        || ngx_http_at9068_copy(r, value, &h->value) != NGX_OK)
    {
        return NGX_ERROR;
    }

    h->hash = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_at9068_copy(ngx_http_request_t *r, at9068_str text, ngx_str_t *copy)
{
    copy->len = text.len;
    copy->data = ngx_pnalloc(r->pool, text.len);

    if (copy->data == NULL) {
        copy->len = 0;
        return NGX_ERROR;
    }

    ngx_memcpy(copy->data, text.ptr, text.len);

    return NGX_OK;
}


/* what the resource publishes about itself (RFC 9728 section 3.2) */

ngx_int_t
ngx_http_at9068_metadata_handler(ngx_http_request_t *r)
{
    ngx_buf_t                   *b;
    ngx_str_t                    copy;
    ngx_http_at9068_loc_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_at9068_module);

    if (conf->validator == NULL) {
        return NGX_HTTP_NOT_FOUND;
    }

    if (ngx_http_at9068_copy(r,
            at9068_validator_protected_resource_metadata(
                conf->validator->handle),
            &copy)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = copy.data;
    b->last = copy.data + copy.len;
    b->memory = 1;

    return ngx_http_at9068_send(r, &ngx_http_at9068_json_type, b);
}


/* of this worker: an array with what each validator says of itself */

ngx_int_t
ngx_http_at9068_status_handler(ngx_http_request_t *r)
{
    size_t                         len;
    u_char                        *p;
    ngx_buf_t                     *b;
    ngx_uint_t                     i;
    at9068_str                     view;
    at9068_string                **text;
    ngx_http_at9068_main_conf_t   *amcf;
    ngx_http_at9068_validator_t  **validator;

    amcf = ngx_http_get_module_main_conf(r, ngx_http_at9068_module);
    validator = amcf->validators.elts;

    text = ngx_pcalloc(r->pool,
                       (amcf->validators.nelts + 1) * sizeof(at9068_string *));
    if (text == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    len = sizeof("[]") - 1;

    for (i = 0; i < amcf->validators.nelts; i++) {
        (void) at9068_validator_status_json(validator[i]->handle, &text[i],
                                            NULL);
        len += at9068_string_view(text[i]).len + 1;
    }

    b = ngx_create_temp_buf(r->pool, len);

    if (b) {
        p = b->last;
        *p++ = '[';

        for (i = 0; i < amcf->validators.nelts; i++) {
            view = at9068_string_view(text[i]);

            if (view.len) {
                if (p[-1] != '[') {
                    *p++ = ',';
                }

                p = ngx_cpymem(p, view.ptr, view.len);
            }
        }

        *p++ = ']';
        b->last = p;
    }

    for (i = 0; i < amcf->validators.nelts; i++) {
        at9068_string_free(text[i]);
    }

    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_at9068_send(r, &ngx_http_at9068_json_type, b);
}


static ngx_int_t
ngx_http_at9068_send(ngx_http_request_t *r, ngx_str_t *type, ngx_buf_t *b)
{
    ngx_int_t    rc;
    ngx_chain_t  out;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = b->last - b->pos;
    r->headers_out.content_type = *type;
    r->headers_out.content_type_len = type->len;
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


static ngx_int_t
ngx_http_at9068_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_at9068_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_at9068_body_filter;

    return NGX_OK;
}
