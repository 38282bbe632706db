/*
 * What is known of a token, for upstreams and logs. There is a value only where this module let the request in,
 * and never one with a control character: whoever can choose a claim cannot add a header field or a line.
 */

#include "ngx_http_at9068_module.h"


typedef at9068_str (*ngx_http_at9068_text_pt)(const at9068_access_token *token);


static ngx_int_t ngx_http_at9068_text_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_at9068_error_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_at9068_prefix_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_at9068_claim_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_at9068_claim(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_str_t *name);
static at9068_access_token *ngx_http_at9068_token(ngx_http_request_t *r);
static ngx_int_t ngx_http_at9068_value(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, u_char *data, size_t len);
static u_char *ngx_http_at9068_unescape(u_char *p, u_char *src, u_char *end);
static u_char *ngx_http_at9068_utf8(u_char *p, uint32_t ch);


static ngx_http_at9068_text_pt  ngx_http_at9068_texts[] = {
    at9068_access_token_iss,
    at9068_access_token_sub,
    at9068_access_token_client_id,
    at9068_access_token_scope,
    at9068_access_token_jti,
    at9068_access_token_profile
};


static ngx_http_variable_t  ngx_http_at9068_variables[] = {

    { ngx_string("at9068_iss"), NULL, ngx_http_at9068_text_variable,
      0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("at9068_sub"), NULL, ngx_http_at9068_text_variable,
      1, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("at9068_client_id"), NULL, ngx_http_at9068_text_variable,
      2, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("at9068_scope"), NULL, ngx_http_at9068_text_variable,
      3, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("at9068_jti"), NULL, ngx_http_at9068_text_variable,
      4, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("at9068_profile"), NULL, ngx_http_at9068_text_variable,
      5, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("at9068_error"), NULL, ngx_http_at9068_error_variable,
      0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("at9068_claim_"), NULL, ngx_http_at9068_prefix_variable,
      0, NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_at9068_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_at9068_variables; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


/* at9068_claim_set $variable claim: for names that no variable can have, as nginx does not tell A from a */

char *
ngx_http_at9068_claim_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t            *value, *claim;
    ngx_http_variable_t  *var;

    value = cf->args->elts;

    if (value[1].len < 2 || value[1].data[0] != '$') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid variable name \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    value[1].len--;
    value[1].data++;

    claim = ngx_palloc(cf->pool, sizeof(ngx_str_t));
    if (claim == NULL) {
        return NGX_CONF_ERROR;
    }

    *claim = value[2];

    var = ngx_http_add_variable(cf, &value[1], NGX_HTTP_VAR_NOCACHEABLE);
    if (var == NULL) {
        return NGX_CONF_ERROR;
    }

    var->get_handler = ngx_http_at9068_claim_variable;
    var->data = (uintptr_t) claim;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_at9068_text_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    at9068_str            text;
    at9068_access_token  *token;

    token = ngx_http_at9068_token(r);
    text = ngx_http_at9068_texts[data](token);

    return ngx_http_at9068_value(r, v, (u_char *) text.ptr, text.len);
}


/* why it was refused: the name of the code, as in token_expired */

static ngx_int_t
ngx_http_at9068_error_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    at9068_str              slug;
    ngx_http_at9068_ctx_t  *ctx;

    ctx = ngx_http_at9068_get_ctx(r);
    slug = at9068_error_slug(ctx ? ctx->error : NULL);

    return ngx_http_at9068_value(r, v, (u_char *) slug.ptr, slug.len);
}


static ngx_int_t
ngx_http_at9068_prefix_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t  *variable = (ngx_str_t *) data;

    ngx_str_t  name;

    name.len = variable->len - (sizeof("at9068_claim_") - 1);
    name.data = variable->data + sizeof("at9068_claim_") - 1;

    return ngx_http_at9068_claim(r, v, &name);
}


static ngx_int_t
ngx_http_at9068_claim_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    return ngx_http_at9068_claim(r, v, (ngx_str_t *) data);
}


/* a text as such, everything else as its JSON */

static ngx_int_t
ngx_http_at9068_claim(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    ngx_str_t *name)
{
    u_char               *p, *last;
    at9068_str            json;
    at9068_access_token  *token;

    v->not_found = 1;

    token = ngx_http_at9068_token(r);

    if (token == NULL
        || at9068_access_token_claim_json(token, (char *) name->data,
                                          name->len, &json, NULL)
           != AT9068_CODE_OK
        || json.ptr == NULL)
    {
        return NGX_OK;
    }

    if (json.ptr[0] != '"') {

        if (json.len == 4 && ngx_strncmp(json.ptr, "null", 4) == 0) {
            return NGX_OK;
        }

        return ngx_http_at9068_value(r, v, (u_char *) json.ptr, json.len);
    }

    /* without the quotes; no character is longer unescaped than escaped */

    p = ngx_pnalloc(r->pool, json.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    last = ngx_http_at9068_unescape(p, (u_char *) json.ptr + 1,
                                    (u_char *) json.ptr + json.len - 1);

    return ngx_http_at9068_value(r, v, p, last - p);
}


/* of the request of the client, where this module let it in */

static at9068_access_token *
ngx_http_at9068_token(ngx_http_request_t *r)
{
    ngx_http_at9068_ctx_t  *ctx;

    ctx = ngx_http_at9068_get_ctx(r);

    return ctx ? ctx->token : NULL;
}


/*
 * None where there is a control character: C0, DEL, or C1 in UTF-8. A copy, as nginx may read the value when the token
 * is gone: another may have been asked for where an internal redirect led.
 */

static ngx_int_t
ngx_http_at9068_value(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    u_char *data, size_t len)
{
    size_t   i;
    u_char  *copy;

    v->not_found = 1;

    if (data == NULL) {
        return NGX_OK;
    }

    for (i = 0; i < len; i++) {
        if (data[i] < 0x20 || data[i] == 0x7f
            || (data[i] == 0xc2 && i + 1 < len && data[i + 1] >= 0x80
                && data[i + 1] < 0xa0))
        {
            return NGX_OK;
        }
    }

    copy = ngx_pnalloc(r->pool, len);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(copy, data, len);

    v->data = copy;
    v->len = len;
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;

    return NGX_OK;
}


/* the log takes what was read before: what is known now is to be read anew */

void
ngx_http_at9068_forget_variables(ngx_http_request_t *r)
{
    ngx_uint_t                  i;
    ngx_http_variable_t        *variable;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    variable = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {

        if (variable[i].get_handler == ngx_http_at9068_text_variable
            || variable[i].get_handler == ngx_http_at9068_error_variable
            || variable[i].get_handler == ngx_http_at9068_prefix_variable
            || variable[i].get_handler == ngx_http_at9068_claim_variable)
        {
            r->variables[i].valid = 0;
            r->variables[i].not_found = 0;
        }
    }
}


/* of a string that the core has read: it is well-formed, and surrogates come in pairs */

static u_char *
ngx_http_at9068_unescape(u_char *p, u_char *src, u_char *end)
{
    uint32_t    ch;
    ngx_int_t   low;

    while (src < end) {

        if (*src != '\\') {
            *p++ = *src++;
            continue;
        }

        if (end - src < 2) {
            break;
        }

        src += 2;

        switch (src[-1]) {

        case 'b':
            *p++ = '\b';
            break;

        case 'f':
            *p++ = '\f';
            break;

        case 'n':
            *p++ = '\n';
            break;

        case 'r':
            *p++ = '\r';
            break;

        case 't':
            *p++ = '\t';
            break;

        case 'u':

            if (end - src < 4) {
                return p;
            }

            ch = (uint32_t) ngx_hextoi(src, 4);
            src += 4;

            if (ch >= 0xd800 && ch < 0xdc00 && end - src >= 6) {
                low = ngx_hextoi(src + 2, 4);
                src += 6;
                ch = 0x10000 + ((ch - 0xd800) << 10) + (low - 0xdc00);
            }

            p = ngx_http_at9068_utf8(p, ch);
            break;

        default: /* a quote or a slash of either kind */
            *p++ = src[-1];
        }
    }

    return p;
}


static u_char *
ngx_http_at9068_utf8(u_char *p, uint32_t ch)
{
    if (ch < 0x80) {
        *p++ = (u_char) ch;

    } else if (ch < 0x800) {
        *p++ = (u_char) (0xc0 | (ch >> 6));
        *p++ = (u_char) (0x80 | (ch & 0x3f));

    } else if (ch < 0x10000) {
        *p++ = (u_char) (0xe0 | (ch >> 12));
        *p++ = (u_char) (0x80 | ((ch >> 6) & 0x3f));
        *p++ = (u_char) (0x80 | (ch & 0x3f));

    } else {
        *p++ = (u_char) (0xf0 | (ch >> 18));
        *p++ = (u_char) (0x80 | ((ch >> 12) & 0x3f));
        *p++ = (u_char) (0x80 | ((ch >> 6) & 0x3f));
        *p++ = (u_char) (0x80 | (ch & 0x3f));
    }

    return p;
}
