/*
 * Guards locations with libat9068: OAuth 2.0 JWT access tokens (RFC 9068).
 *
 *   _module.c     directives, where the module hooks in, the life of a worker
 *   _config.c     directives to JSON, JSON to validators
 *   _guard.c      the access phase: a request, its credential, the verdict
 *   _keys.c       what must be fetched, without holding up the worker
 *   _memory.c     keys over a reload
 *   _answer.c     refusals as the core words them; metadata; status
 *   _variables.c  what is known of a token, for upstreams and logs
 */

#ifndef _NGX_HTTP_AT9068_MODULE_H_INCLUDED_
#define _NGX_HTTP_AT9068_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <at9068.h>


/* a member of a JSON object, its value as JSON text */
typedef struct {
    ngx_str_t                      name;
    ngx_str_t                      json;
} ngx_http_at9068_member_t;


/* a cache of keys: of the validators whose issuer_cache is the same, or of one with a configuration of its own */
typedef struct {
    ngx_str_t                      config;
    at9068_issuer_cache           *handle;
} ngx_http_at9068_cache_t;


/* a validator, shared by the locations whose configuration is the same */
typedef struct {
    ngx_str_t                      config;
    ngx_str_t                      cache;
    at9068_validator              *handle;
} ngx_http_at9068_validator_t;


typedef struct ngx_http_at9068_memory_s  ngx_http_at9068_memory_t;


typedef struct {
    ngx_array_t                    caches;      /* ngx_http_at9068_cache_t * */
    ngx_array_t                    validators;  /* ngx_http_at9068_validator_t * */

    ngx_shm_zone_t                *zone;
    u_char                         digest[20];
} ngx_http_at9068_main_conf_t;


typedef struct {
    ngx_flag_t                     enable;
    ngx_flag_t                     forward_token;

    ngx_str_t                      config;
    ngx_array_t                   *members;     /* ngx_http_at9068_member_t */
    ngx_array_t                   *demands;     /* ngx_http_at9068_member_t */

    ngx_str_t                      require;     /* the demands as one JSON object */
    ngx_http_at9068_validator_t   *validator;

    unsigned                       metadata:1;
    unsigned                       status:1;
} ngx_http_at9068_loc_conf_t;


typedef struct ngx_http_at9068_wait_s  ngx_http_at9068_wait_t;


/* of a request; lives until its pool is destroyed, internal redirects included */
typedef struct {
    ngx_http_request_t            *request;
    ngx_str_t                      json;        /* the request, as the core reads it */

    ngx_http_at9068_validator_t   *validator;   /* by whom, and ... */
    ngx_str_t                      require;     /* ... by what it was judged */
    at9068_access_token           *token;
    at9068_error                  *error;

    ngx_http_at9068_wait_t        *wait;
    ngx_event_t                    timer;
    ngx_uint_t                     waited;

    ngx_uint_t                     uri_changes; /* at the refusal */
    unsigned                       replaced:1;  /* the body is the core's */
    unsigned                       sent:1;
} ngx_http_at9068_ctx_t;


/* texts of the library for "%*s" */
#define ngx_http_at9068_text(s)  (s).len, (s).ptr


char *ngx_http_at9068_set_config(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_at9068_set_text(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_at9068_set_texts(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_at9068_set_json(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_at9068_set_jwks(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_at9068_set_handler(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
void *ngx_http_at9068_create_main_conf(ngx_conf_t *cf);
void *ngx_http_at9068_create_loc_conf(ngx_conf_t *cf);
char *ngx_http_at9068_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child);

ngx_int_t ngx_http_at9068_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_at9068_granted_handler(ngx_http_request_t *r);
void ngx_http_at9068_resume(ngx_http_request_t *r);
ngx_http_at9068_ctx_t *ngx_http_at9068_get_ctx(ngx_http_request_t *r);

void ngx_http_at9068_event(void *context, at9068_str event);
ngx_int_t ngx_http_at9068_init_keys(ngx_cycle_t *cycle);
ngx_int_t ngx_http_at9068_wait(ngx_http_at9068_ctx_t *ctx,
    at9068_refresh *refresh, at9068_flight *flight);
void ngx_http_at9068_forget(ngx_http_at9068_ctx_t *ctx);

ngx_int_t ngx_http_at9068_add_memory(ngx_conf_t *cf);
void ngx_http_at9068_save_keys(ngx_cycle_t *cycle);
void ngx_http_at9068_restore_keys(ngx_cycle_t *cycle);

ngx_int_t ngx_http_at9068_metadata_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_at9068_status_handler(ngx_http_request_t *r);

ngx_int_t ngx_http_at9068_add_variables(ngx_conf_t *cf);
void ngx_http_at9068_forget_variables(ngx_http_request_t *r);
char *ngx_http_at9068_claim_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

size_t ngx_http_at9068_json_length(ngx_str_t *text);
u_char *ngx_http_at9068_json(u_char *p, ngx_str_t *text, ngx_uint_t utf8);


extern ngx_module_t  ngx_http_at9068_module;
extern ngx_module_t  ngx_http_at9068_filter_module;


#endif /* _NGX_HTTP_AT9068_MODULE_H_INCLUDED_ */
