/*
 * Keys over a reload: workers write what they have fetched into shared memory, and new workers begin with that, so
 * that a reload during an outage of the issuer harms nobody.
 *
 * It holds for one configuration of validators only. Where anything of it changes, be it where keys come from, new
 * workers begin with nothing.
 */

#include "ngx_http_at9068_module.h"

#include <ngx_sha1.h>


#define NGX_HTTP_AT9068_MEMORY  (1024 * 1024)


/* in shared memory; the texts are snapshots of the library, one for each cache of keys */
struct ngx_http_at9068_memory_s {
    u_char                         digest[20];
    ngx_uint_t                     nelts;
    ngx_str_t                     *snapshots;
};


static ngx_int_t ngx_http_at9068_init_zone(ngx_shm_zone_t *zone, void *data);
static void ngx_http_at9068_digest(ngx_http_at9068_main_conf_t *amcf);
static ngx_http_at9068_memory_t *ngx_http_at9068_lock_memory(
    ngx_http_at9068_main_conf_t *amcf);
static void ngx_http_at9068_unlock_memory(ngx_http_at9068_main_conf_t *amcf);


ngx_int_t
ngx_http_at9068_add_memory(ngx_conf_t *cf)
{
    ngx_str_t                     name;
    ngx_http_at9068_main_conf_t  *amcf;

    amcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_at9068_module);

    if (amcf->caches.nelts == 0) {
        return NGX_OK;
    }

    ngx_http_at9068_digest(amcf);

    ngx_str_set(&name, "at9068");

    amcf->zone = ngx_shared_memory_add(cf, &name, NGX_HTTP_AT9068_MEMORY,
                                       &ngx_http_at9068_module);
    if (amcf->zone == NULL) {
        return NGX_ERROR;
    }

    amcf->zone->init = ngx_http_at9068_init_zone;
    amcf->zone->data = amcf;

    return NGX_OK;
}


/* what this worker has, for those that come after it */

void
ngx_http_at9068_save_keys(ngx_cycle_t *cycle)
{
    u_char                       *text;
    ngx_str_t                    *snapshot;
    ngx_uint_t                    i;
    at9068_str                    view;
    at9068_string                *written;
    ngx_slab_pool_t              *shpool;
    ngx_http_at9068_cache_t     **cache;
    ngx_http_at9068_memory_t     *memory;
    ngx_http_at9068_main_conf_t  *amcf;

    amcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_at9068_module);

    if (amcf->zone == NULL) {
        return;
    }

    shpool = (ngx_slab_pool_t *) amcf->zone->shm.addr;
    cache = amcf->caches.elts;

    for (i = 0; i < amcf->caches.nelts; i++) {

        if (at9068_issuer_cache_snapshot(cache[i]->handle, &written, NULL)
            != AT9068_CODE_OK)
        {
            continue;
        }

        view = at9068_string_view(written);
        memory = ngx_http_at9068_lock_memory(amcf);

        if (memory) {
            snapshot = &memory->snapshots[i];
            text = ngx_slab_alloc_locked(shpool, view.len);

            /* without room for it the older one stays, which ages by itself */

            if (text) {
                ngx_memcpy(text, view.ptr, view.len);

                if (snapshot->data) {
                    ngx_slab_free_locked(shpool, snapshot->data);
                }

                snapshot->data = text;
                snapshot->len = view.len;
            }

            ngx_http_at9068_unlock_memory(amcf);
        }

        at9068_string_free(written);
    }
}


void
ngx_http_at9068_restore_keys(ngx_cycle_t *cycle)
{
    u_char                       *text;
    size_t                        len;
    ngx_uint_t                    i;
    at9068_error                 *error;
    ngx_http_at9068_cache_t     **cache;
    ngx_http_at9068_memory_t     *memory;
    ngx_http_at9068_main_conf_t  *amcf;

    amcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_at9068_module);

    if (amcf->zone == NULL) {
        return;
    }

    cache = amcf->caches.elts;

    for (i = 0; i < amcf->caches.nelts; i++) {
        text = NULL;
        len = 0;

        memory = ngx_http_at9068_lock_memory(amcf);

        if (memory) {
            len = memory->snapshots[i].len;

            if (len) {
                text = ngx_alloc(len, cycle->log);

                if (text) {
                    ngx_memcpy(text, memory->snapshots[i].data, len);
                }
            }

            ngx_http_at9068_unlock_memory(amcf);
        }

        if (text == NULL) {
            continue;
        }

        if (at9068_issuer_cache_restore(cache[i]->handle, (char *) text, len,
                                        &error)
            != AT9068_CODE_OK)
        {
            ngx_log_error(NGX_LOG_ERR, cycle->log, 0, "at9068: %*s",
                          ngx_http_at9068_text(at9068_error_message(error)));
            at9068_error_free(error);
        }

        ngx_free(text);
    }
}


static ngx_int_t
ngx_http_at9068_init_zone(ngx_shm_zone_t *zone, void *data)
{
    ngx_uint_t                    i;
    ngx_slab_pool_t              *shpool;
    ngx_http_at9068_memory_t     *memory;
    ngx_http_at9068_main_conf_t  *amcf = zone->data;

    shpool = (ngx_slab_pool_t *) zone->shm.addr;

    if (data == NULL) {
        memory = ngx_slab_calloc(shpool, sizeof(ngx_http_at9068_memory_t));
        if (memory == NULL) {
            return NGX_ERROR;
        }

        shpool->log_nomem = 0;
        shpool->data = memory;
    }

    memory = shpool->data;

    ngx_shmtx_lock(&shpool->mutex);

    if (memory->snapshots == NULL
        || ngx_memcmp(memory->digest, amcf->digest, sizeof(memory->digest))
           != 0)
    {
        for (i = 0; i < memory->nelts; i++) {
            if (memory->snapshots[i].data) {
                ngx_slab_free_locked(shpool, memory->snapshots[i].data);
            }
        }

        if (memory->snapshots) {
            ngx_slab_free_locked(shpool, memory->snapshots);
        }

        ngx_memcpy(memory->digest, amcf->digest, sizeof(memory->digest));
        memory->nelts = amcf->caches.nelts;
        memory->snapshots = ngx_slab_calloc_locked(shpool,
                                       memory->nelts * sizeof(ngx_str_t));

        if (memory->snapshots == NULL) {
            memory->nelts = 0;
        }
    }

    ngx_shmtx_unlock(&shpool->mutex);

    return NGX_OK;
}


/* of all that validators are made of; tells configurations of one operator apart, so that no attacker is there */

static void
ngx_http_at9068_digest(ngx_http_at9068_main_conf_t *amcf)
{
    ngx_uint_t                     i;
    ngx_sha1_t                     sha1;
    ngx_http_at9068_validator_t  **validator;

    ngx_sha1_init(&sha1);

    validator = amcf->validators.elts;

    for (i = 0; i < amcf->validators.nelts; i++) {
        ngx_sha1_update(&sha1, &validator[i]->config.len, sizeof(size_t));
        ngx_sha1_update(&sha1, validator[i]->config.data,
                        validator[i]->config.len);
        ngx_sha1_update(&sha1, &validator[i]->cache.len, sizeof(size_t));
        ngx_sha1_update(&sha1, validator[i]->cache.data,
                        validator[i]->cache.len);
    }

    ngx_sha1_final(amcf->digest, &sha1);
}


/* NULL, and no lock, where the memory is already that of another configuration */

static ngx_http_at9068_memory_t *
ngx_http_at9068_lock_memory(ngx_http_at9068_main_conf_t *amcf)
{
    ngx_slab_pool_t           *shpool;
    ngx_http_at9068_memory_t  *memory;

    shpool = (ngx_slab_pool_t *) amcf->zone->shm.addr;
    memory = shpool->data;

    ngx_shmtx_lock(&shpool->mutex);

    if (memory->snapshots
        && ngx_memcmp(memory->digest, amcf->digest, sizeof(memory->digest))
           == 0)
    {
        return memory;
    }

    ngx_shmtx_unlock(&shpool->mutex);

    return NULL;
}


static void
ngx_http_at9068_unlock_memory(ngx_http_at9068_main_conf_t *amcf)
{
    ngx_slab_pool_t  *shpool;

    shpool = (ngx_slab_pool_t *) amcf->zone->shm.addr;

    ngx_shmtx_unlock(&shpool->mutex);
}
