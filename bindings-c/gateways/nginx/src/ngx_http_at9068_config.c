/*
 * Directives become members of JSON objects, and these validators. What the members mean, and whether they fit,
 * is judged by the core alone.
 */

#include "ngx_http_at9068_module.h"


#define NGX_HTTP_AT9068_MAX_FILE  (4 * 1024 * 1024)


static char *ngx_http_at9068_add_member(ngx_conf_t *cf, void *conf,
    ngx_command_t *cmd, ngx_str_t *name, ngx_str_t *json);
static ngx_http_at9068_member_t *ngx_http_at9068_find_member(
    ngx_array_t *members, ngx_str_t *name);
static char *ngx_http_at9068_read_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *content);
static ngx_array_t *ngx_http_at9068_merge_members(ngx_conf_t *cf,
    ngx_array_t *prev, ngx_array_t *conf);
static ngx_uint_t ngx_http_at9068_superseded(ngx_array_t *members,
    ngx_str_t *name);
static ngx_uint_t ngx_http_at9068_is_one_of(ngx_str_t *name,
    ngx_str_t *names);
static ngx_int_t ngx_http_at9068_object(ngx_conf_t *cf, ngx_array_t *members,
    ngx_str_t *left_out, ngx_str_t *object);
static ngx_http_at9068_validator_t *ngx_http_at9068_validator(ngx_conf_t *cf,
    ngx_str_t *config, ngx_str_t *cache);
static at9068_issuer_cache *ngx_http_at9068_cache(ngx_conf_t *cf,
    ngx_str_t *config);
static ngx_int_t ngx_http_at9068_own_cache(ngx_conf_t *cf,
    at9068_validator *validator);
static ngx_http_at9068_cache_t *ngx_http_at9068_add_cache(ngx_conf_t *cf);
static char *ngx_http_at9068_check_demands(ngx_conf_t *cf,
    ngx_http_at9068_loc_conf_t *conf);
static char *ngx_http_at9068_refuse(ngx_conf_t *cf, const char *what,
    at9068_error *error);
static void ngx_http_at9068_free_validator(void *data);
static void ngx_http_at9068_free_cache(void *data);


/* who is trusted, and members that speak of one issuer only: another issuer does not inherit them */
static ngx_str_t  ngx_http_at9068_of_issuer[] = {
    ngx_string("issuer"),
    ngx_string("issuers"),
    ngx_string("jwks"),
    ngx_string("jwks_uri"),
    ngx_string("discovery"),
    ngx_string("key_thumbprints"),
    ngx_string("strategy"),
    ngx_string("introspection"),
    ngx_null_string
};

/* of which there can be one */
static ngx_str_t  ngx_http_at9068_keys[] = {
    ngx_string("jwks"),
    ngx_string("jwks_uri"),
    ngx_string("discovery"),
    ngx_null_string
};

static ngx_str_t  ngx_http_at9068_issuer_cache = ngx_string("issuer_cache");


char *
ngx_http_at9068_set_config(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_at9068_loc_conf_t *lcf = conf;

    ngx_str_t  *value;

    if (lcf->config.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len && value[1].data[0] == '{') {
        lcf->config = value[1];
        return NGX_CONF_OK;
    }

    return ngx_http_at9068_read_file(cf, &value[1], &lcf->config);
}


char *
ngx_http_at9068_set_text(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t  *value, name, json;

    value = cf->args->elts;

    json.data = ngx_pnalloc(cf->pool, ngx_http_at9068_json_length(&value[1]));
    if (json.data == NULL) {
        return NGX_CONF_ERROR;
    }

    json.len = ngx_http_at9068_json(json.data, &value[1], 1) - json.data;

    name.data = cmd->post;
    name.len = ngx_strlen(name.data);

    return ngx_http_at9068_add_member(cf, conf, cmd, &name, &json);
}


/* an array; the empty text is no entry, so that "" alone takes an inherited array away */

char *
ngx_http_at9068_set_texts(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    size_t       len;
    u_char      *p;
    ngx_str_t   *value, name, json;
    ngx_uint_t   i;

    value = cf->args->elts;
    len = sizeof("[]") - 1;

    for (i = 1; i < cf->args->nelts; i++) {
        len += ngx_http_at9068_json_length(&value[i]) + 1;
    }

    json.data = ngx_pnalloc(cf->pool, len);
    if (json.data == NULL) {
        return NGX_CONF_ERROR;
    }

    p = json.data;
    *p++ = '[';

    for (i = 1; i < cf->args->nelts; i++) {

        if (value[i].len == 0) {
            continue;
        }

        if (p[-1] != '[') {
            *p++ = ',';
        }

        p = ngx_http_at9068_json(p, &value[i], 1);
    }

    *p++ = ']';
    json.len = p - json.data;

    name.data = cmd->post;
    name.len = ngx_strlen(name.data);

    return ngx_http_at9068_add_member(cf, conf, cmd, &name, &json);
}


char *
ngx_http_at9068_set_json(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    return ngx_http_at9068_add_member(cf, conf, cmd, &value[1], &value[2]);
}


/* a JWK set, or one key as PEM */

char *
ngx_http_at9068_set_jwks(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char            *rv;
    ngx_str_t       *value, name, json;
    at9068_str       text;
    at9068_code      code;
    at9068_error    *error;
    at9068_key_set  *set;
    at9068_string   *written;

    value = cf->args->elts;

    rv = ngx_http_at9068_read_file(cf, &value[1], &json);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (ngx_strnstr(json.data, "-----BEGIN ", json.len) == NULL) {

        /* read here too, so that the message can name the file */

        code = at9068_key_set_from_json((char *) json.data, json.len, &set,
                                        &error);
        if (code != AT9068_CODE_OK) {
            return ngx_http_at9068_refuse(cf, (char *) value[1].data, error);
        }

    } else {

        code = at9068_key_set_from_pem((char *) json.data, json.len, NULL,
                                       &set, &error);
        if (code != AT9068_CODE_OK) {
            return ngx_http_at9068_refuse(cf, (char *) value[1].data, error);
        }

        code = at9068_key_set_to_json(set, &written, &error);
        if (code != AT9068_CODE_OK) {
            at9068_key_set_free(set);
            return ngx_http_at9068_refuse(cf, (char *) value[1].data, error);
        }

        text = at9068_string_view(written);

        json.len = text.len;
        json.data = ngx_pnalloc(cf->pool, text.len);

        if (json.data) {
            ngx_memcpy(json.data, text.ptr, text.len);
        }

        at9068_string_free(written);
    }

    at9068_key_set_free(set);

    if (json.data == NULL) {
        return NGX_CONF_ERROR;
    }

    name.data = cmd->post;
    name.len = ngx_strlen(name.data);

    return ngx_http_at9068_add_member(cf, conf, cmd, &name, &json);
}


/* a location that answers by itself, without a token */

char *
ngx_http_at9068_set_handler(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_at9068_loc_conf_t *lcf = conf;

    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    value = cf->args->elts;

    if (ngx_strcasecmp(value[1].data, (u_char *) "off") == 0) {
        return NGX_CONF_OK;
    }

    if (ngx_strcasecmp(value[1].data, (u_char *) "on") != 0) {
        return "must be \"on\" or \"off\"";
    }

    if (lcf->metadata || lcf->status) {
        return "is duplicate, or beside another that answers here";
    }

    if (cmd->post == (void *) ngx_http_at9068_metadata_handler) {
        lcf->metadata = 1;
    } else {
        lcf->status = 1;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = (ngx_http_handler_pt) cmd->post;

    return NGX_CONF_OK;
}


static char *
ngx_http_at9068_add_member(ngx_conf_t *cf, void *conf, ngx_command_t *cmd,
    ngx_str_t *name, ngx_str_t *json)
{
    ngx_array_t               **members;
    ngx_http_at9068_member_t   *member;

    members = (ngx_array_t **) ((char *) conf + cmd->offset);

    if (*members == NULL) {
        *members = ngx_array_create(cf->pool, 4,
                                    sizeof(ngx_http_at9068_member_t));
        if (*members == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (ngx_http_at9068_find_member(*members, name)) {
        return "is duplicate";
    }

    member = ngx_array_push(*members);
    if (member == NULL) {
        return NGX_CONF_ERROR;
    }

    member->name = *name;
    member->json = *json;

    return NGX_CONF_OK;
}


static ngx_http_at9068_member_t *
ngx_http_at9068_find_member(ngx_array_t *members, ngx_str_t *name)
{
    ngx_uint_t                 i;
    ngx_http_at9068_member_t  *member;

    if (members == NULL) {
        return NULL;
    }

    member = members->elts;

    for (i = 0; i < members->nelts; i++) {
        if (member[i].name.len == name->len
            && ngx_strncmp(member[i].name.data, name->data, name->len) == 0)
        {
            return &member[i];
        }
    }

    return NULL;
}


static char *
ngx_http_at9068_read_file(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *content)
{
    ssize_t      n;
    ngx_fd_t     fd;
    ngx_str_t    path;
    ngx_file_t   file;

    path = *name;

    if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(path.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);
    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", &path);
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));
    file.fd = fd;
    file.name = path;
    file.log = cf->log;

    if (ngx_fd_info(fd, &file.info) == NGX_FILE_ERROR
        || !ngx_is_file(&file.info)
        || ngx_file_size(&file.info) > NGX_HTTP_AT9068_MAX_FILE)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is no file, or too large", &path);
        n = NGX_ERROR;
        goto done;
    }

    content->len = (size_t) ngx_file_size(&file.info);
    content->data = ngx_pnalloc(cf->pool, content->len + 1);
    if (content->data == NULL) {
        n = NGX_ERROR;
        goto done;
    }

    n = ngx_read_file(&file, content->data, content->len, 0);

    if (n != NGX_ERROR && (size_t) n != content->len) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" changed while it was read", &path);
        n = NGX_ERROR;
    }

done:

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", &path);
    }

    return n == NGX_ERROR ? NGX_CONF_ERROR : NGX_CONF_OK;
}


void *
ngx_http_at9068_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_at9068_main_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_at9068_main_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&conf->caches, cf->pool, 2,
                       sizeof(ngx_http_at9068_cache_t *))
        != NGX_OK
        || ngx_array_init(&conf->validators, cf->pool, 4,
                          sizeof(ngx_http_at9068_validator_t *))
           != NGX_OK)
    {
        return NULL;
    }

    return conf;
}


void *
ngx_http_at9068_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_at9068_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_at9068_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->enable = NGX_CONF_UNSET;
    conf->forward_token = NGX_CONF_UNSET;

    return conf;
}


char *
ngx_http_at9068_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_at9068_loc_conf_t *prev = parent;
    ngx_http_at9068_loc_conf_t *conf = child;

    ngx_str_t                  config, cache;
    ngx_uint_t                 asks;
    ngx_http_at9068_member_t  *member;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if ((conf->metadata || conf->status)
        && (conf->enable == 1 || conf->demands))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"at9068_metadata\" and \"at9068_status\" answer "
                           "without a token: nothing can be demanded there");
        return NGX_CONF_ERROR;
    }

    /* what "if" and "limit_except" hold is of the location around them */

    if (clcf->noname) {
        conf->metadata |= prev->metadata;
        conf->status |= prev->status;
    }

    /* a demand that nobody would be asked about is a mistake, unless it is for locations further inside */

    asks = conf->demands && conf->enable == NGX_CONF_UNSET
           && (clcf->noname || clcf->name.len);

    ngx_conf_merge_value(conf->enable, prev->enable, 0);

    if (asks && !conf->enable) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "demands without \"at9068 on\", or \"at9068 off\" "
                           "where they are meant for locations inside");
        return NGX_CONF_ERROR;
    }
    ngx_conf_merge_value(conf->forward_token, prev->forward_token, 1);

    if (conf->config.data && conf->members) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"at9068_config\" is the whole configuration of a "
                           "validator: directives for parts of it cannot "
                           "stand beside it");
        return NGX_CONF_ERROR;
    }

    if (conf->config.data == NULL) {

        if (conf->members && prev->config.data) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"at9068_config\" is inherited and cannot be "
                               "changed in parts; a whole one takes its "
                               "place");
            return NGX_CONF_ERROR;
        }

        conf->config = prev->config;

        conf->members = ngx_http_at9068_merge_members(cf, prev->members,
                                                      conf->members);
        if (conf->members == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    conf->demands = ngx_http_at9068_merge_members(cf, prev->demands,
                                                  conf->demands);
    if (conf->demands == NULL) {
        return NGX_CONF_ERROR;
    }

    if (!conf->enable && !conf->metadata) {
        return NGX_CONF_OK;
    }

    ngx_str_null(&cache);

    if (conf->config.data) {
        config = conf->config;

    } else {

        /* the cache is made apart, so that validators can share it */

        member = ngx_http_at9068_find_member(conf->members,
                                             &ngx_http_at9068_issuer_cache);
        if (member) {
            cache = member->json;
        } else {
            ngx_str_set(&cache, "{}");
        }

        if (ngx_http_at9068_object(cf, conf->members,
                                   &ngx_http_at9068_issuer_cache, &config)
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    conf->validator = ngx_http_at9068_validator(cf, &config, &cache);
    if (conf->validator == NULL) {
        return NGX_CONF_ERROR;
    }

    if (conf->metadata
        && at9068_validator_protected_resource_metadata(conf->validator->handle)
               .ptr == NULL)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"at9068_metadata\" needs the option "
                           "\"protected_resource\"");
        return NGX_CONF_ERROR;
    }

    if (conf->demands->nelts == 0) {
        return NGX_CONF_OK;
    }

    if (ngx_http_at9068_object(cf, conf->demands, NULL, &conf->require)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_at9068_check_demands(cf, conf);
}


/* what a level says, and of the level above what it does not replace */

static ngx_array_t *
ngx_http_at9068_merge_members(ngx_conf_t *cf, ngx_array_t *prev,
    ngx_array_t *conf)
{
    ngx_uint_t                 i;
    ngx_array_t               *merged;
    ngx_http_at9068_member_t  *member, *added;

    if (conf == NULL && prev) {
        return prev;
    }

    merged = ngx_array_create(cf->pool, 4, sizeof(ngx_http_at9068_member_t));
    if (merged == NULL) {
        return NULL;
    }

    if (prev) {
        member = prev->elts;

        for (i = 0; i < prev->nelts; i++) {

            if (ngx_http_at9068_superseded(conf, &member[i].name)) {
                continue;
            }

            added = ngx_array_push(merged);
            if (added == NULL) {
                return NULL;
            }

            *added = member[i];
        }
    }

    if (conf) {
        member = conf->elts;

        for (i = 0; i < conf->nelts; i++) {
            added = ngx_array_push(merged);
            if (added == NULL) {
                return NULL;
            }

            *added = member[i];
        }
    }

    return merged;
}


static ngx_uint_t
ngx_http_at9068_superseded(ngx_array_t *members, ngx_str_t *name)
{
    ngx_uint_t                 i;
    ngx_http_at9068_member_t  *member;

    member = members->elts;

    for (i = 0; i < members->nelts; i++) {

        if (member[i].name.len == name->len
            && ngx_strncmp(member[i].name.data, name->data, name->len) == 0)
        {
            return 1;
        }

        /* the first two are the issuer itself */

        if (ngx_http_at9068_is_one_of(name, ngx_http_at9068_of_issuer)
            && (ngx_strcmp(member[i].name.data, "issuer") == 0
                || ngx_strcmp(member[i].name.data, "issuers") == 0))
        {
            return 1;
        }

        if (ngx_http_at9068_is_one_of(name, ngx_http_at9068_keys)
            && ngx_http_at9068_is_one_of(&member[i].name,
                                         ngx_http_at9068_keys))
        {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_at9068_is_one_of(ngx_str_t *name, ngx_str_t *names)
{
    for ( /* void */ ; names->len; names++) {
        if (name->len == names->len
            && ngx_strncmp(name->data, names->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_at9068_object(ngx_conf_t *cf, ngx_array_t *members,
    ngx_str_t *left_out, ngx_str_t *object)
{
    size_t                     len;
    u_char                    *p;
    ngx_uint_t                 i;
    ngx_http_at9068_member_t  *member;

    member = members->elts;
    len = sizeof("{}") - 1;

    for (i = 0; i < members->nelts; i++) {
        len += ngx_http_at9068_json_length(&member[i].name)
               + member[i].json.len + sizeof(":,") - 1;
    }

    object->data = ngx_pnalloc(cf->pool, len);
    if (object->data == NULL) {
        return NGX_ERROR;
    }

    p = object->data;
    *p++ = '{';

    for (i = 0; i < members->nelts; i++) {

        if (left_out && member[i].name.len == left_out->len
            && ngx_strncmp(member[i].name.data, left_out->data, left_out->len)
               == 0)
        {
            continue;
        }

        if (p[-1] != '{') {
            *p++ = ',';
        }

        p = ngx_http_at9068_json(p, &member[i].name, 1);
        *p++ = ':';
        p = ngx_cpymem(p, member[i].json.data, member[i].json.len);
    }

    *p++ = '}';
    object->len = p - object->data;

    return NGX_OK;
}


static ngx_http_at9068_validator_t *
ngx_http_at9068_validator(ngx_conf_t *cf, ngx_str_t *config, ngx_str_t *cache)
{
    size_t                         skipped;
    ngx_uint_t                     i;
    at9068_str                     kid;
    at9068_code                    code;
    at9068_error                  *error;
    at9068_ports                   ports;
    ngx_pool_cleanup_t            *cln;
    at9068_issuer_cache           *shared;
    ngx_http_at9068_validator_t  **known, *validator;
    ngx_http_at9068_main_conf_t   *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_at9068_module);
    known = amcf->validators.elts;

    for (i = 0; i < amcf->validators.nelts; i++) {
        if (known[i]->config.len == config->len
            && known[i]->cache.len == cache->len
            && ngx_memcmp(known[i]->config.data, config->data, config->len)
               == 0
            && ngx_memcmp(known[i]->cache.data, cache->data, cache->len) == 0)
        {
            return known[i];
        }
    }

    validator = ngx_pcalloc(cf->pool, sizeof(ngx_http_at9068_validator_t));
    if (validator == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_at9068_free_validator;
    cln->data = validator;

    known = ngx_array_push(&amcf->validators);
    if (known == NULL) {
        return NULL;
    }

    *known = validator;

    validator->config = *config;
    validator->cache = *cache;

    if (cache->len) {
        shared = ngx_http_at9068_cache(cf, cache);
        if (shared == NULL) {
            return NULL;
        }

        code = at9068_validator_new_with_cache((char *) config->data,
                                               config->len, NULL, NULL, shared,
                                               &validator->handle, &error);

    } else {
        ngx_memzero(&ports, sizeof(at9068_ports));
        ports.size = sizeof(at9068_ports);
        ports.events.event = ngx_http_at9068_event;

        code = at9068_validator_new((char *) config->data, config->len, NULL,
                                    &ports, &validator->handle, &error);
    }

    if (code != AT9068_CODE_OK) {
        (void) ngx_http_at9068_refuse(cf, "configuration", error);
        return NULL;
    }

    if (cache->len == 0
        && ngx_http_at9068_own_cache(cf, validator->handle) != NGX_OK)
    {
        return NULL;
    }

    skipped = at9068_validator_skipped_count(validator->handle);

    for (i = 0; i < skipped; i++) {
        (void) at9068_validator_skipped_at(validator->handle, i, NULL, NULL,
                                           &kid, &code);
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "at9068: key \"%*s\" is skipped: %*s",
                           ngx_http_at9068_text(kid),
                           ngx_http_at9068_text(at9068_code_message(code)));
    }

    return validator;
}


static at9068_issuer_cache *
ngx_http_at9068_cache(ngx_conf_t *cf, ngx_str_t *config)
{
    ngx_uint_t                    i;
    at9068_error                 *error;
    at9068_ports                  ports;
    ngx_http_at9068_cache_t     **known, *cache;
    ngx_http_at9068_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_at9068_module);
    known = amcf->caches.elts;

    for (i = 0; i < amcf->caches.nelts; i++) {
        if (known[i]->config.len == config->len
            && ngx_memcmp(known[i]->config.data, config->data, config->len)
               == 0)
        {
            return known[i]->handle;
        }
    }

    cache = ngx_http_at9068_add_cache(cf);
    if (cache == NULL) {
        return NULL;
    }

    cache->config = *config;

    ngx_memzero(&ports, sizeof(at9068_ports));
    ports.size = sizeof(at9068_ports);
    ports.events.event = ngx_http_at9068_event;

    if (at9068_issuer_cache_new((char *) config->data, config->len, &ports,
                                &cache->handle, &error)
        != AT9068_CODE_OK)
    {
        (void) ngx_http_at9068_refuse(cf, "issuer_cache", error);
        return NULL;
    }

    return cache->handle;
}


/* of a validator with a configuration of its own; none where it fetches nothing */

static ngx_int_t
ngx_http_at9068_own_cache(ngx_conf_t *cf, at9068_validator *validator)
{
    at9068_issuer_cache      *handle;
    ngx_http_at9068_cache_t  *cache;

    if (at9068_validator_issuer_cache(validator, &handle, NULL)
        != AT9068_CODE_OK
        || handle == NULL)
    {
        return NGX_OK;
    }

    cache = ngx_http_at9068_add_cache(cf);

    if (cache == NULL) {
        at9068_issuer_cache_free(handle);
        return NGX_ERROR;
    }

    cache->handle = handle;

    return NGX_OK;
}


static ngx_http_at9068_cache_t *
ngx_http_at9068_add_cache(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_at9068_cache_t     **added, *cache;
    ngx_http_at9068_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_at9068_module);

    cache = ngx_pcalloc(cf->pool, sizeof(ngx_http_at9068_cache_t));
    if (cache == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_at9068_free_cache;
    cln->data = cache;

    added = ngx_array_push(&amcf->caches);
    if (added == NULL) {
        return NULL;
    }

    *added = cache;

    return cache;
}


/* demands that are none are told now, and not with the first request; no token is needed for that */

static char *
ngx_http_at9068_check_demands(ngx_conf_t *cf, ngx_http_at9068_loc_conf_t *conf)
{
    at9068_code               code;
    at9068_error             *error;
    at9068_access_token      *token;
    at9068_validate_options   options;

    ngx_memzero(&options, sizeof(at9068_validate_options));
    options.size = sizeof(at9068_validate_options);
    options.require.ptr = (char *) conf->require.data;
    options.require.len = conf->require.len;

    code = at9068_validator_authenticate_at_hand(conf->validator->handle, "{}",
                                                 2, &options, &token, &error);

    if (code == AT9068_CODE_CREDENTIALS_MISSING) {
        at9068_error_free(error);
        return NGX_CONF_OK;
    }

    at9068_access_token_free(token);

    return ngx_http_at9068_refuse(cf, "demands", error);
}


static char *
ngx_http_at9068_refuse(ngx_conf_t *cf, const char *what, at9068_error *error)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "at9068: %s: %*s", what,
                       ngx_http_at9068_text(at9068_error_message(error)));
    at9068_error_free(error);

    return NGX_CONF_ERROR;
}


static void
ngx_http_at9068_free_validator(void *data)
{
    ngx_http_at9068_validator_t  *validator = data;

    at9068_validator_free(validator->handle);
    validator->handle = NULL;
}


static void
ngx_http_at9068_free_cache(void *data)
{
    ngx_http_at9068_cache_t  *cache = data;

    at9068_issuer_cache_free(cache->handle);
    cache->handle = NULL;
}


/* A JSON string. What a client sent need not be UTF-8: its octets beyond ASCII stand for the characters of their
 * numbers then, and nothing that the core accepts has one. Configurations pass as they are. */

size_t
ngx_http_at9068_json_length(ngx_str_t *text)
{
    size_t      len;
    ngx_uint_t  i;

    len = sizeof("\"\"") - 1;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] < 0x20 || text->data[i] >= 0x7f) {
            len += sizeof("\\u0000") - 1;

        } else if (text->data[i] == '"' || text->data[i] == '\\') {
            len += 2;

        } else {
            len++;
        }
    }

    return len;
}


u_char *
ngx_http_at9068_json(u_char *p, ngx_str_t *text, ngx_uint_t utf8)
{
    u_char      ch;
    ngx_uint_t  i;

    *p++ = '"';

    for (i = 0; i < text->len; i++) {
        ch = text->data[i];

        if (ch < 0x20 || ch == 0x7f || (ch >= 0x80 && !utf8)) {
            p = ngx_sprintf(p, "\\u%04xd", (u_int) ch);

        } else {
            if (ch == '"' || ch == '\\') {
                *p++ = '\\';
            }

            *p++ = ch;
        }
    }

    *p++ = '"';

    return p;
}
