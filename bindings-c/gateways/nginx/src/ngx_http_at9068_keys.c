/*
 * What must be fetched, without holding up the worker.
 *
 * The library fetches, with its own client: it knows what an issuer may be and what it may not. It does so on
 * threads that end with what they fetch. Whoever waits for that is suspended, and woken through a pipe: what is
 * called on a thread touches nothing of nginx.
 */

#include "ngx_http_at9068_module.h"

#include <pthread.h>

#include <ngx_channel.h>


/* At once in one worker. Keys are fetched once for all; only issuers that are asked about every token come near. */
#define NGX_HTTP_AT9068_THREADS  32

#define NGX_HTTP_AT9068_TICK     1000


/* from malloc(), since it may outlive the request; freed when what it waits for is over */
struct ngx_http_at9068_wait_s {
    ngx_http_at9068_wait_t        *next;
    ngx_queue_t                    queue;
    ngx_http_at9068_ctx_t         *ctx;         /* NULL: nobody waits any more */
    at9068_refresh                *refresh;     /* that has no thread yet */
    unsigned                       runs:1;      /* on one of our threads */
};


typedef struct ngx_http_at9068_note_s  ngx_http_at9068_note_t;

struct ngx_http_at9068_note_s {
    ngx_http_at9068_note_t        *next;
    size_t                         len;
    u_char                         text[1];
};


static ngx_int_t ngx_http_at9068_run(ngx_http_at9068_wait_t *wait,
    at9068_refresh *refresh);
static ngx_int_t ngx_http_at9068_await(ngx_http_at9068_wait_t *wait,
    at9068_flight *flight);
static void ngx_http_at9068_over(void *context);
static void ngx_http_at9068_wake(void);
static void ngx_http_at9068_pipe_handler(ngx_event_t *ev);
static void ngx_http_at9068_log_notes(ngx_http_at9068_note_t *notes);
static void ngx_http_at9068_timeout_handler(ngx_event_t *ev);
static void ngx_http_at9068_tick_handler(ngx_event_t *ev);
static void ngx_http_at9068_tick(ngx_cycle_t *cycle);


/* shared with the library's threads */
static pthread_mutex_t          ngx_http_at9068_lock = PTHREAD_MUTEX_INITIALIZER;
static ngx_http_at9068_wait_t  *ngx_http_at9068_done;
static ngx_http_at9068_note_t  *ngx_http_at9068_notes;
static ngx_fd_t                 ngx_http_at9068_pipe[2] = { -1, -1 };

/* the worker's own */
static ngx_queue_t              ngx_http_at9068_queued;
static ngx_uint_t               ngx_http_at9068_running;
static ngx_event_t              ngx_http_at9068_tick_event;
static ngx_connection_t         ngx_http_at9068_tick_dummy;


ngx_int_t
ngx_http_at9068_init_keys(ngx_cycle_t *cycle)
{
    ngx_http_at9068_main_conf_t  *amcf;

    amcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_at9068_module);

    ngx_queue_init(&ngx_http_at9068_queued);

    if (amcf == NULL || amcf->validators.nelts == 0) {
        return NGX_OK;
    }

    if (pipe(ngx_http_at9068_pipe) == -1) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno, "pipe() failed");
        return NGX_ERROR;
    }

    if (ngx_nonblocking(ngx_http_at9068_pipe[0]) == -1
        || ngx_nonblocking(ngx_http_at9068_pipe[1]) == -1
        || fcntl(ngx_http_at9068_pipe[0], F_SETFD, FD_CLOEXEC) == -1
        || fcntl(ngx_http_at9068_pipe[1], F_SETFD, FD_CLOEXEC) == -1)
    {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "fcntl() of a pipe failed");
        return NGX_ERROR;
    }

    if (ngx_add_channel_event(cycle, ngx_http_at9068_pipe[0], NGX_READ_EVENT,
                              ngx_http_at9068_pipe_handler)
        == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    ngx_http_at9068_restore_keys(cycle);

    /* other keys are fetched when a worker starts, and all again before they are too old */

    ngx_http_at9068_tick_dummy.fd = (ngx_socket_t) -1;
    ngx_http_at9068_tick_event.handler = ngx_http_at9068_tick_handler;
    ngx_http_at9068_tick_event.data = &ngx_http_at9068_tick_dummy;
    ngx_http_at9068_tick_event.log = cycle->log;
    ngx_http_at9068_tick_event.cancelable = 1;

    ngx_http_at9068_tick(cycle);

    ngx_add_timer(&ngx_http_at9068_tick_event, NGX_HTTP_AT9068_TICK);

    return NGX_OK;
}


/* Makes a request wait. Takes over both; one of them is NULL. */

ngx_int_t
ngx_http_at9068_wait(ngx_http_at9068_ctx_t *ctx, at9068_refresh *refresh,
    at9068_flight *flight)
{
    double                   seconds;
    ngx_http_at9068_wait_t  *wait;

    wait = ngx_calloc(sizeof(ngx_http_at9068_wait_t),
                      ctx->request->connection->log);
    if (wait == NULL) {
        goto failed;
    }

    if (refresh) {

        /* before it is run: waiting for it begins now, be it for a thread */

        if (at9068_refresh_flight(refresh, &flight, NULL) != AT9068_CODE_OK) {
            goto failed;
        }

        if (ngx_http_at9068_running < NGX_HTTP_AT9068_THREADS) {
            if (ngx_http_at9068_run(wait, refresh) != NGX_OK) {
                goto failed;
            }

        } else {
            wait->refresh = refresh;
            ngx_queue_insert_tail(&ngx_http_at9068_queued, &wait->queue);
        }

        refresh = NULL;
    }

    seconds = at9068_flight_remaining_seconds(flight);

    wait->ctx = ctx;
    ctx->wait = wait;

    if (ngx_http_at9068_await(wait, flight) != NGX_OK) {
        ctx->wait = NULL;
        return NGX_ERROR;
    }

    /* a flight ends by itself; the timer also keeps a worker that is to stop from stopping before */

    ctx->timer.handler = ngx_http_at9068_timeout_handler;
    ctx->timer.data = ctx;
    ctx->timer.log = ctx->request->connection->log;

    ngx_add_timer(&ctx->timer, (ngx_msec_t) (seconds * 1000) + 500);

    return NGX_OK;

failed:

    if (wait) {
        ngx_free(wait);
    }

    at9068_flight_free(flight);
    at9068_refresh_free(refresh);

    return NGX_ERROR;
}


/* Nobody waits any more. What is under way goes on, for others; what is not begun is nobody's. */

void
ngx_http_at9068_forget(ngx_http_at9068_ctx_t *ctx)
{
    at9068_refresh          *refresh;
    ngx_http_at9068_wait_t  *wait;

    if (ctx->timer.timer_set) {
        ngx_del_timer(&ctx->timer);
    }

    wait = ctx->wait;

    if (wait == NULL) {
        return;
    }

    ctx->wait = NULL;
    wait->ctx = NULL;

    if (wait->refresh) {
        refresh = wait->refresh;
        wait->refresh = NULL;
        ngx_queue_remove(&wait->queue);

        /* ends the flight, and so this wait too */
        at9068_refresh_free(refresh);
    }
}


/* on a thread of the library's that ends with it; takes over the refresh where that begins */

static ngx_int_t
ngx_http_at9068_run(ngx_http_at9068_wait_t *wait, at9068_refresh *refresh)
{
    sigset_t        all, before;
    at9068_code     code;
    at9068_flight  *flight;

    /* signals are for the thread that waits for events: another one would take them without waking it */

    sigfillset(&all);
    (void) pthread_sigmask(SIG_BLOCK, &all, &before);

    code = at9068_refresh_spawn(refresh, &flight, NULL);

    (void) pthread_sigmask(SIG_SETMASK, &before, NULL);

    if (code != AT9068_CODE_OK) {
        return NGX_ERROR;
    }

    at9068_flight_free(flight);
    at9068_refresh_free(refresh);

    wait->runs = 1;
    ngx_http_at9068_running++;

    return NGX_OK;
}


/* takes over the flight, and the wait where it fails */

static ngx_int_t
ngx_http_at9068_await(ngx_http_at9068_wait_t *wait, at9068_flight *flight)
{
    at9068_code  code;

    code = at9068_flight_on_over(flight, ngx_http_at9068_over, wait, NULL);

    at9068_flight_free(flight);

    if (code != AT9068_CODE_OK) {
        if (wait->runs) {
            ngx_http_at9068_running--;
        }

        if (wait->refresh) {
            ngx_queue_remove(&wait->queue);
            at9068_refresh_free(wait->refresh);
        }

        ngx_free(wait);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* called on whatever thread */

static void
ngx_http_at9068_over(void *context)
{
    ngx_http_at9068_wait_t  *wait = context;

    pthread_mutex_lock(&ngx_http_at9068_lock);

    wait->next = ngx_http_at9068_done;
    ngx_http_at9068_done = wait;

    pthread_mutex_unlock(&ngx_http_at9068_lock);

    ngx_http_at9068_wake();
}


/* what happens to keys, for the log, which only the worker writes to */

void
ngx_http_at9068_event(void *context, at9068_str event)
{
    ngx_http_at9068_note_t  *note;

    note = malloc(offsetof(ngx_http_at9068_note_t, text) + event.len);
    if (note == NULL) {
        return;
    }

    note->len = event.len;
    ngx_memcpy(note->text, event.ptr, event.len);

    pthread_mutex_lock(&ngx_http_at9068_lock);

    note->next = ngx_http_at9068_notes;
    ngx_http_at9068_notes = note;

    pthread_mutex_unlock(&ngx_http_at9068_lock);

    ngx_http_at9068_wake();
}


static void
ngx_http_at9068_wake(void)
{
    ssize_t  n;

    /* a pipe that is full wakes the worker as well */

    do {
        n = write(ngx_http_at9068_pipe[1], "", 1);
    } while (n == -1 && ngx_errno == NGX_EINTR);
}


static void
ngx_http_at9068_pipe_handler(ngx_event_t *ev)
{
    u_char                   buf[256];
    ssize_t                  n;
    ngx_queue_t             *q;
    at9068_refresh          *refresh;
    ngx_http_at9068_ctx_t   *ctx;
    ngx_http_at9068_wait_t  *wait, *next, *queued;
    ngx_http_at9068_note_t  *notes;

    do {
        n = read(ngx_http_at9068_pipe[0], buf, sizeof(buf));
    } while (n > 0 || (n == -1 && ngx_errno == NGX_EINTR));

    pthread_mutex_lock(&ngx_http_at9068_lock);

    wait = ngx_http_at9068_done;
    ngx_http_at9068_done = NULL;

    notes = ngx_http_at9068_notes;
    ngx_http_at9068_notes = NULL;

    pthread_mutex_unlock(&ngx_http_at9068_lock);

    ngx_http_at9068_log_notes(notes);

    /* threads first: what waited for one waits longest */

    for (next = wait; next; next = next->next) {
        if (next->runs) {
            ngx_http_at9068_running--;
        }

        if (next->refresh) {

            /* its time was over before there was a thread */

            ngx_queue_remove(&next->queue);
            at9068_refresh_free(next->refresh);
            next->refresh = NULL;
        }
    }

    while (ngx_http_at9068_running < NGX_HTTP_AT9068_THREADS
           && !ngx_queue_empty(&ngx_http_at9068_queued))
    {
        q = ngx_queue_head(&ngx_http_at9068_queued);
        ngx_queue_remove(q);

        queued = ngx_queue_data(q, ngx_http_at9068_wait_t, queue);

        refresh = queued->refresh;
        queued->refresh = NULL;

        if (ngx_http_at9068_run(queued, refresh) != NGX_OK) {
            at9068_refresh_free(refresh);
        }
    }

    /* a request that goes on may end others, whose waits are among these: they stay until their turn */

    while (wait) {
        next = wait->next;
        ctx = wait->ctx;

        ngx_free(wait);

        if (ctx) {
            ctx->wait = NULL;
            ngx_http_at9068_forget(ctx);
            ngx_http_at9068_resume(ctx->request);
        }

        wait = next;
    }
}


static void
ngx_http_at9068_log_notes(ngx_http_at9068_note_t *notes)
{
    ngx_uint_t               level, refreshed;
    ngx_http_at9068_note_t  *note, *ordered;

    /* the last one is the first of the list */

    for (ordered = NULL; notes; notes = note) {
        note = notes->next;
        notes->next = ordered;
        ordered = notes;
    }

    refreshed = 0;

    while (ordered) {
        note = ordered;
        ordered = note->next;

        if (ngx_strnstr(note->text, "\"refreshed\"", note->len)) {
            refreshed = 1;
        }

        level = ngx_strnstr(note->text, "_failed\"", note->len) ? NGX_LOG_ERR
                                                                : NGX_LOG_INFO;

        ngx_log_error(level, ngx_cycle->log, 0, "at9068: %*s", note->len,
                      note->text);
        ngx_free(note);
    }

    if (refreshed) {
        ngx_http_at9068_save_keys((ngx_cycle_t *) ngx_cycle);
    }
}


static void
ngx_http_at9068_timeout_handler(ngx_event_t *ev)
{
    ngx_http_at9068_ctx_t  *ctx = ev->data;

    /* judged by the keys at hand */

    ngx_http_at9068_forget(ctx);
    ctx->waited = AT9068_ROUNDS;

    ngx_http_at9068_resume(ctx->request);
}


static void
ngx_http_at9068_tick_handler(ngx_event_t *ev)
{
    if (ngx_exiting || ngx_terminate || ngx_quit) {
        return;
    }

    ngx_http_at9068_tick((ngx_cycle_t *) ngx_cycle);

    ngx_add_timer(ev, NGX_HTTP_AT9068_TICK);
}


/* begins what is due, for every validator; a failure is told as an event, and tried again later */

static void
ngx_http_at9068_tick(ngx_cycle_t *cycle)
{
    ngx_uint_t                     i;
    at9068_flight                 *flight;
    at9068_refresh                *due;
    ngx_http_at9068_wait_t        *wait;
    ngx_http_at9068_main_conf_t   *amcf;
    ngx_http_at9068_validator_t  **validator;

    amcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_at9068_module);
    validator = amcf->validators.elts;

    for (i = 0; i < amcf->validators.nelts; i++) {

        while (ngx_http_at9068_running < NGX_HTTP_AT9068_THREADS
               && at9068_validator_due_refresh(validator[i]->handle, &due,
                                               NULL)
                  == AT9068_CODE_OK
               && due)
        {
            wait = ngx_calloc(sizeof(ngx_http_at9068_wait_t), cycle->log);

            if (wait == NULL
                || at9068_refresh_flight(due, &flight, NULL)
                   != AT9068_CODE_OK)
            {
                at9068_refresh_free(due);
                ngx_free(wait);
                return;
            }

            if (ngx_http_at9068_run(wait, due) != NGX_OK) {
                at9068_flight_free(flight);
                at9068_refresh_free(due);
                ngx_free(wait);
                return;
            }

            (void) ngx_http_at9068_await(wait, flight);
        }
    }
}
