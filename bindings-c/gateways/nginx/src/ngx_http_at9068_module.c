/*
 * Directives, where the module hooks in, the life of a worker.
 */

#include "ngx_http_at9068_module.h"


static ngx_int_t ngx_http_at9068_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_at9068_init_process(ngx_cycle_t *cycle);


/* limit_except too, so that methods can have demands of their own */
#define NGX_HTTP_AT9068_ANYWHERE                                              \
    (NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_HTTP_LMT_CONF)

#define NGX_HTTP_AT9068_MEMBERS  offsetof(ngx_http_at9068_loc_conf_t, members)
#define NGX_HTTP_AT9068_DEMANDS  offsetof(ngx_http_at9068_loc_conf_t, demands)


static ngx_command_t  ngx_http_at9068_commands[] = {

    { ngx_string("at9068"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_at9068_loc_conf_t, enable),
      NULL },

    { ngx_string("at9068_config"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_at9068_set_config,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("at9068_issuer"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_at9068_set_text,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_AT9068_MEMBERS,
      "issuer" },

    { ngx_string("at9068_audience"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_at9068_set_texts,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_AT9068_MEMBERS,
      "audience" },

    { ngx_string("at9068_jwks"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_at9068_set_jwks,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_AT9068_MEMBERS,
      "jwks" },

    { ngx_string("at9068_jwks_uri"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_at9068_set_text,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_AT9068_MEMBERS,
      "jwks_uri" },

    { ngx_string("at9068_discovery"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_at9068_set_text,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_AT9068_MEMBERS,
      "discovery" },

    { ngx_string("at9068_realm"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_at9068_set_text,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_AT9068_MEMBERS,
      "realm" },

    { ngx_string("at9068_option"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_TAKE2,
      ngx_http_at9068_set_json,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_AT9068_MEMBERS,
      NULL },

    { ngx_string("at9068_require_scope"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_at9068_set_texts,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_AT9068_DEMANDS,
      "scopes" },

    { ngx_string("at9068_require_permission"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_at9068_set_texts,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_AT9068_DEMANDS,
      "permissions" },

    { ngx_string("at9068_require"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_TAKE2,
      ngx_http_at9068_set_json,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_AT9068_DEMANDS,
      NULL },

    { ngx_string("at9068_forward_token"),
      NGX_HTTP_AT9068_ANYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_at9068_loc_conf_t, forward_token),
      NULL },

    { ngx_string("at9068_claim_set"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_at9068_claim_set,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("at9068_metadata"),
      NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_http_at9068_set_handler,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_at9068_metadata_handler },

    { ngx_string("at9068_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_http_at9068_set_handler,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_at9068_status_handler },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_at9068_module_ctx = {
    ngx_http_at9068_add_variables,         /* preconfiguration */
    ngx_http_at9068_init,                  /* postconfiguration */

    ngx_http_at9068_create_main_conf,      /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_at9068_create_loc_conf,       /* create location configuration */
    ngx_http_at9068_merge_loc_conf         /* merge location configuration */
};


ngx_module_t  ngx_http_at9068_module = {
    NGX_MODULE_V1,
    &ngx_http_at9068_module_ctx,           /* module context */
    ngx_http_at9068_commands,              /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_at9068_init_process,          /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_at9068_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_ACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_at9068_handler;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_at9068_granted_handler;

    return ngx_http_at9068_add_memory(cf);
}


static ngx_int_t
ngx_http_at9068_init_process(ngx_cycle_t *cycle)
{
    /* not in the cache manager and loader, which serve nobody */

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    return ngx_http_at9068_init_keys(cycle);
}
