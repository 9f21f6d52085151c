/* SPDX-License-Identifier: Apache-2.0
 *
 * httpget: a small HTTP/1.1 client.
 *
 *     httpget [-i] [-o FILE] [-d DATA] [-H HEADER]... URL
 *
 * -i prints the head of the answer too, -o writes the body to a file, -d posts, -H adds a header. Understands Content-Length, chunked
 * bodies and bodies that end with the connection, and follows up to five redirections. http:// only. Status 1 for an answer from 400 on.
 */
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

enum { MAX_HEADERS = 16, MAX_REDIRECTIONS = 5 };

struct url {
    char host[256];
    char port[8];
    char path[1024];
};

/* What came in and has not been looked at. */
struct input {
    int fd;
    size_t at, end;
    char bytes[16384];
};

struct answer {
    int status;
    int chunked;
    long long length; /* -1: until the connection ends */
    char location[1024];
};

struct options {
    int head;
    const char *out;
    const char *data;
    const char *headers[MAX_HEADERS];
    int n_headers;
};

static int fail(const char *format, ...) {
    va_list args;
    fflush(stdout);
    fputs("httpget: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return -1;
}

static int read_url(const char *text, struct url *u) {
    const char *host, *path, *colon;
    size_t n;
    if (strncasecmp(text, "http://", 7) != 0) return fail("%s: only http:// is understood", text);
    host = text + 7;
    path = host + strcspn(host, "/?#");
    n = (size_t)(path - host);
    colon = memchr(host, ':', n);
    strcpy(u->port, "80");
    if (colon != NULL) {
        size_t digits = (size_t)(path - colon) - 1;
        if (digits == 0 || digits > 5 || strspn(colon + 1, "0123456789") < digits) return fail("%s: no port", text);
        memcpy(u->port, colon + 1, digits);
        u->port[digits] = '\0';
        n = (size_t)(colon - host);
    }
    if (n == 0 || n >= sizeof u->host) return fail("%s: no host", text);
    memcpy(u->host, host, n);
    u->host[n] = '\0';
    n = strcspn(path, "#");
    if (n + 2 > sizeof u->path) return fail("%s: the path is too long", text);
    sprintf(u->path, "%s%.*s", *path == '/' ? "" : "/", (int)n, path);
    return 0;
}

/* Where a redirection leads: another URL, or a path on the same host. */
static int follow(struct url *u, const char *location) {
    char *last;
    if (strncasecmp(location, "http://", 7) == 0) return read_url(location, u);
    if (strstr(location, "://") != NULL) return fail("%s: only http:// is understood", location);
    u->path[strcspn(u->path, "?")] = '\0';
    last = *location == '/' ? u->path : strrchr(u->path, '/') + 1;
    if ((size_t)(last - u->path) + strlen(location) >= sizeof u->path) return fail("%s: the path is too long", location);
    strcpy(last, location);
    return 0;
}

static int connect_to(const struct url *u) {
    struct addrinfo hints, *all, *one;
    int fd = -1, error, why = 0;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    error = getaddrinfo(u->host, u->port, &hints, &all);
    if (error != 0) return fail("%s: %s", u->host, gai_strerror(error));
    for (one = all; one != NULL; one = one->ai_next) {
        fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
        if (fd < 0) {
            why = errno;
            continue;
        }
        if (connect(fd, one->ai_addr, one->ai_addrlen) == 0) break;
        why = errno;
        close(fd);
        fd = -1;
    }
    freeaddrinfo(all);
    if (fd < 0) return fail("%s port %s: %s", u->host, u->port, strerror(why));
    return fd;
}

static int send_all(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return fail("send: %s", strerror(errno));
        bytes += sent;
        n -= (size_t)sent;
    }
    return 0;
}

static int send_request(int fd, const struct url *u, const struct options *o) {
    char head[4096];
    size_t n;
    int i;
    n = (size_t)snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: %s", o->data ? "POST" : "GET", u->path, u->host);
    if (strcmp(u->port, "80") != 0 && n < sizeof head) n += (size_t)snprintf(head + n, sizeof head - n, ":%s", u->port);
    if (n < sizeof head) n += (size_t)snprintf(head + n, sizeof head - n, "\r\nUser-Agent: httpget/1\r\nConnection: close\r\n");
    for (i = 0; i < o->n_headers && n < sizeof head; i++) n += (size_t)snprintf(head + n, sizeof head - n, "%s\r\n", o->headers[i]);
    if (o->data != NULL && n < sizeof head) {
        n += (size_t)snprintf(head + n, sizeof head - n, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n",
                              strlen(o->data));
    }
    if (n < sizeof head) n += (size_t)snprintf(head + n, sizeof head - n, "\r\n");
    if (n >= sizeof head) return fail("the request's head is too long");
    if (send_all(fd, head, n) < 0) return -1;
    return o->data != NULL ? send_all(fd, o->data, strlen(o->data)) : 0;
}

/* Gets more bytes: their count, 0 at the end, -1 after a message. */
static ssize_t refill(struct input *in) {
    ssize_t got;
    if (in->at == in->end) in->at = in->end = 0;
    do {
        got = recv(in->fd, in->bytes + in->end, sizeof in->bytes - in->end, 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return fail("recv: %s", strerror(errno));
    in->end += (size_t)got;
    return got;
}

/* One line without its end, cut to the room that there is. */
static int read_line(struct input *in, char *line, size_t room) {
    size_t n = 0;
    for (;;) {
        char c;
        if (in->at == in->end) {
            ssize_t got = refill(in);
            if (got < 0) return -1;
            if (got == 0) return fail("the connection ended within a line");
        }
        c = in->bytes[in->at++];
        if (c == '\n') break;
        if (n + 1 < room) line[n++] = c;
    }
    if (n > 0 && line[n - 1] == '\r') n--;
    line[n] = '\0';
    return 0;
}

static int read_head(struct input *in, struct answer *a, FILE *copy) {
    char line[2048];
    int major, minor;
    memset(a, 0, sizeof *a);
    a->length = -1;
    if (read_line(in, line, sizeof line) < 0) return -1;
    if (sscanf(line, "HTTP/%d.%d %3d", &major, &minor, &a->status) != 3) return fail("no HTTP: %.40s", line);
    if (copy != NULL) fprintf(copy, "%s\n", line);
    for (;;) {
        char *value;
        if (read_line(in, line, sizeof line) < 0) return -1;
        if (copy != NULL) fprintf(copy, "%s\n", line);
        if (*line == '\0') return 0;
        value = strchr(line, ':');
        if (value == NULL) return fail("no header: %.40s", line);
        *value++ = '\0';
        value += strspn(value, " \t");
        if (strcasecmp(line, "Content-Length") == 0) {
            char *end;
            a->length = strtoll(value, &end, 10);
            if (end == value || *end != '\0' || a->length < 0) return fail("Content-Length: %.40s", value);
        } else if (strcasecmp(line, "Transfer-Encoding") == 0) {
            if (strcasecmp(value, "chunked") != 0) return fail("Transfer-Encoding: %.40s is not understood", value);
            a->chunked = 1;
        } else if (strcasecmp(line, "Location") == 0) {
            snprintf(a->location, sizeof a->location, "%.1023s", value);
        }
    }
}

/* Moves n bytes of the body, or all until the end where n is negative. */
static int move_body(struct input *in, long long n, FILE *out) {
    while (n != 0) {
        size_t there;
        if (in->at == in->end) {
            ssize_t got = refill(in);
            if (got < 0) return -1;
            if (got == 0) return n < 0 ? 0 : fail("the connection ended %lld bytes too early", n);
        }
        there = in->end - in->at;
        if (n > 0 && (long long)there > n) there = (size_t)n;
        if (out != NULL && fwrite(in->bytes + in->at, 1, there, out) != there) return fail("write: %s", strerror(errno));
        in->at += there;
        if (n > 0) n -= (long long)there;
    }
    return 0;
}

static int move_chunks(struct input *in, FILE *out) {
    char line[256], *end;
    for (;;) {
        unsigned long size;
        if (read_line(in, line, sizeof line) < 0) return -1;
        size = strtoul(line, &end, 16);
        if (end == line || (*end != '\0' && *end != ';' && *end != ' ')) return fail("no chunk size: %.40s", line);
        if (size == 0) break;
        if (move_body(in, (long long)size, out) < 0 || read_line(in, line, sizeof line) < 0) return -1;
        if (*line != '\0') return fail("a chunk is longer than it says");
    }
    do {
        if (read_line(in, line, sizeof line) < 0) return -1;
    } while (*line != '\0');
    return 0;
}

/* One request and its answer. The body goes out unless the answer is a redirection. */
static int fetch(const struct url *u, const struct options *o, struct answer *a) {
    static struct input in;
    FILE *out = stdout;
    int status = -1, moved;
    in.fd = connect_to(u);
    in.at = in.end = 0;
    if (in.fd < 0) return -1;
    if (send_request(in.fd, u, o) < 0) goto done;
    do {
        if (read_head(&in, a, o->head ? stdout : NULL) < 0) goto done;
    } while (a->status < 200);
    moved = a->status >= 300 && a->status < 400 && *a->location != '\0';
    if (moved) {
        status = 0;
        goto done;
    }
    if (o->out != NULL && (out = fopen(o->out, "wb")) == NULL) {
        fail("%s: %s", o->out, strerror(errno));
        goto done;
    }
    if (a->status == 204 || a->status == 304) status = 0;
    else if (a->chunked) status = move_chunks(&in, out);
    else status = move_body(&in, a->length, out);
    if (out != stdout && fclose(out) != 0) status = fail("%s: %s", o->out, strerror(errno));
done:
    close(in.fd);
    return status;
}

int main(int argc, char **argv) {
    struct options o;
    struct url u;
    struct answer a;
    int option, wrong = 0, hops;
    memset(&o, 0, sizeof o);
    while ((option = getopt(argc, argv, "io:d:H:")) != -1) {
        switch (option) {
            case 'i': o.head = 1; break;
            case 'o': o.out = optarg; break;
            case 'd': o.data = optarg; break;
            case 'H':
                if (o.n_headers == MAX_HEADERS) return fail("more than %d headers", MAX_HEADERS) + 3;
                o.headers[o.n_headers++] = optarg;
                break;
            default: wrong = 1;
        }
    }
    if (wrong || optind != argc - 1) {
        fprintf(stderr, "usage: httpget [-i] [-o FILE] [-d DATA] [-H HEADER]... URL\n");
        return 2;
    }
    if (read_url(argv[optind], &u) < 0) return 2;
    for (hops = 0;; hops++) {
        if (fetch(&u, &o, &a) < 0) return 3;
        if (a.status < 300 || a.status >= 400 || *a.location == '\0') break;
        if (hops == MAX_REDIRECTIONS) return fail("more than %d redirections", MAX_REDIRECTIONS) + 4;
        fprintf(stderr, "httpget: %d, on to %s\n", a.status, a.location);
        if (follow(&u, a.location) < 0) return 3;
        if (a.status == 303) o.data = NULL;
    }
    if (fflush(stdout) != 0) return fail("standard output: %s", strerror(errno)) + 4;
    return a.status >= 400;
}
