/* SPDX-License-Identifier: Apache-2.0
 *
 * getopt and getopt_long: POSIX's, with GNU's reordering of the arguments, its messages, and its long options. The state is one for the
 * program, as C has it: one lane at a time parses.
 */
#ifndef HC_GETOPT_H
#define HC_GETOPT_H
#include "environ.h"
#include "fs.h"
#include "string.h"

/* Linked programs see the four variables by their plain names. */
#if defined(HC_LIBRARY_H)
#if defined(__cplusplus)
extern "C" {
__device__ char *optarg = 0;
__device__ int optind = 1, opterr = 1, optopt = '?';
}
#else
HC_EXPORT char *optarg = 0;
HC_EXPORT int optind = 1;
HC_EXPORT int opterr = 1;
HC_EXPORT int optopt = '?';
#endif
#define HC_OPT(name) name
#else
HC_STATE char *hc_optarg;
HC_STATE int hc_optind = 1, hc_opterr = 1, hc_optopt = '?';
#define HC_OPT(name) hc_##name
#endif
HC_STATE char *hc_opt_rest;             /* of a group of short options */
HC_STATE int hc_opt_first, hc_opt_last; /* the arguments in between are no options, and were skipped */
HC_STATE int hc_opt_begun;

#if defined(HC_NVCC)
#include <getopt.h>
typedef struct option hc_option;
#else
typedef struct hc_option {
    const char *name;
    int has_arg;
    int *flag;
    int val;
} hc_option;
#endif
#define HC_OPT_PERMUTE 0
#define HC_OPT_IN_ORDER 1 /* an argument that is no option is the argument of option 1 */
#define HC_OPT_STOP 2

/* What one call looks at. */
typedef struct hc_opt_call {
    int argc;
    char **argv;
    const char *options;
    const hc_option *longs;
    int *index;
    int only, print, order;
} hc_opt_call;

/* A line on stderr made of up to six pieces; a null one ends them. */
HC_BODY void hc_opt_say(const char *a, const char *b, const char *c, const char *d, const char *e) {
    const char *pieces[5];
    char line[512];
    size_t n = 0, i;
    int k;
    pieces[0] = a;
    pieces[1] = b;
    pieces[2] = c;
    pieces[3] = d;
    pieces[4] = e;
    HC_ROLLED for (k = 0; k < 5 && pieces[k]; k++) {
        HC_ROLLED for (i = 0; pieces[k][i] && n < sizeof line; i++) line[n++] = pieces[k][i];
    }
    (void)hc_write(2, line, n);
}
HC_FN int hc_opt_is_option(const char *text) { return text[0] == '-' && text[1] != 0; }
/* The skipped arguments [first, last) go behind the options [last, optind). */
HC_BODY void hc_opt_exchange(char **argv) {
    int first = hc_opt_first, last = hc_opt_last, end = HC_OPT(optind), i, j;
    HC_ROLLED for (i = last; i < end; i++) {
        char *option = argv[i];
        HC_ROLLED for (j = i; j > first; j--) argv[j] = argv[j - 1];
        argv[first++] = option;
    }
    hc_opt_first += end - last;
    hc_opt_last = end;
}
/* Which long option a text names: its index; -1: none; -2: several. */
HC_BODY int hc_opt_find(const hc_opt_call *o, const char *name, size_t n) {
    int i, found = -1, several = 0;
    HC_ROLLED for (i = 0; o->longs[i].name; i++) {
        if (hc_strncmp(o->longs[i].name, name, n) != 0) continue;
        if (hc_strlen(o->longs[i].name) == n) return i;
        if (found < 0) found = i;
        else if (o->only || o->longs[found].has_arg != o->longs[i].has_arg || o->longs[found].flag != o->longs[i].flag || o->longs[found].val != o->longs[i].val)
            several = 1;
    }
    return several ? -2 : found;
}
HC_BODY void hc_opt_say_ambiguous(const hc_opt_call *o, const char *dashes, const char *name, size_t n) {
    int i;
    hc_opt_say(o->argv[0], ": option '", dashes, name, "' is ambiguous; possibilities:");
    HC_ROLLED for (i = 0; o->longs[i].name; i++) {
        if (hc_strncmp(o->longs[i].name, name, n) == 0) hc_opt_say(" '", dashes, o->longs[i].name, "'", 0);
    }
    hc_opt_say("\n", 0, 0, 0, 0);
}
/* The argument at hc_opt_rest as a long option; -1: it is none, go on with short ones. */
HC_BODY int hc_opt_long(const hc_opt_call *o, const char *dashes) {
    char *name = hc_opt_rest, *value;
    size_t n = 0;
    int found;
    const hc_option *l;
    HC_ROLLED while (name[n] && name[n] != '=') n++;
    found = hc_opt_find(o, name, n);
    if (found == -2) {
        if (o->print) hc_opt_say_ambiguous(o, dashes, name, n);
        hc_opt_rest += hc_strlen(hc_opt_rest);
        HC_OPT(optind)++;
        HC_OPT(optopt) = 0;
        return '?';
    }
    if (found < 0) {
        /* With one dash it may be a group of short options. */
        if (o->only && dashes[1] == 0 && hc_strchr(o->options, *name)) return -1;
        if (o->print) hc_opt_say(o->argv[0], ": unrecognized option '", dashes, name, "'\n");
        hc_opt_rest = 0;
        HC_OPT(optind)++;
        HC_OPT(optopt) = 0;
        return '?';
    }
    l = &o->longs[found];
    hc_opt_rest = 0;
    HC_OPT(optind)++;
    value = name[n] ? name + n + 1 : 0;
    if (value && !l->has_arg) {
        if (o->print) {
            hc_opt_say(o->argv[0], ": option '", dashes, l->name, "' doesn't allow an argument\n");
        }
        HC_OPT(optopt) = l->val;
        return '?';
    }
    if (!value && l->has_arg == 1) {
        if (HC_OPT(optind) >= o->argc) {
            if (o->print) hc_opt_say(o->argv[0], ": option '", dashes, l->name, "' requires an argument\n");
            HC_OPT(optopt) = l->val;
            return o->options[0] == ':' ? ':' : '?';
        }
        value = o->argv[HC_OPT(optind)++];
    }
    HC_OPT(optarg) = value;
    if (o->index) *o->index = found;
    if (!l->flag) return l->val;
    *l->flag = l->val;
    return 0;
}
HC_BODY int hc_opt_short(hc_opt_call *o) {
    char letter[2];
    const char *at;
    letter[0] = *hc_opt_rest++;
    letter[1] = 0;
    at = letter[0] == ':' || letter[0] == ';' ? 0 : hc_strchr(o->options, letter[0]);
    if (!*hc_opt_rest) HC_OPT(optind)++;
    if (!at) {
        if (o->print) hc_opt_say(o->argv[0], ": invalid option -- '", letter, "'\n", 0);
        HC_OPT(optopt) = (hc_u8)letter[0];
        return '?';
    }
    /* "W;": -W name is --name. */
    if (at[0] == 'W' && at[1] == ';' && o->longs) {
        if (*hc_opt_rest) {
            HC_OPT(optarg) = hc_opt_rest;
        } else if (HC_OPT(optind) >= o->argc) {
            if (o->print) hc_opt_say(o->argv[0], ": option requires an argument -- '", letter, "'\n", 0);
            HC_OPT(optopt) = (hc_u8)letter[0];
            return o->options[0] == ':' ? ':' : '?';
        } else {
            HC_OPT(optarg) = o->argv[HC_OPT(optind)];
        }
        hc_opt_rest = HC_OPT(optarg);
        HC_OPT(optarg) = 0;
        return hc_opt_long(o, "-W ");
    }
    if (at[1] != ':') return (hc_u8)letter[0];
    if (at[2] == ':') { /* an argument only if it is here */
        HC_OPT(optarg) = *hc_opt_rest ? hc_opt_rest : 0;
        if (*hc_opt_rest) HC_OPT(optind)++;
        hc_opt_rest = 0;
        return (hc_u8)letter[0];
    }
    if (*hc_opt_rest) {
        HC_OPT(optarg) = hc_opt_rest;
        HC_OPT(optind)++;
    } else if (HC_OPT(optind) >= o->argc) {
        if (o->print) hc_opt_say(o->argv[0], ": option requires an argument -- '", letter, "'\n", 0);
        HC_OPT(optopt) = (hc_u8)letter[0];
        hc_opt_rest = 0;
        return o->options[0] == ':' ? ':' : '?';
    } else {
        HC_OPT(optarg) = o->argv[HC_OPT(optind)++];
    }
    hc_opt_rest = 0;
    return (hc_u8)letter[0];
}
/* Goes to the next argument. 0: there is an option, and hc_opt_rest may be set; else what the call returns. */
HC_BODY int hc_opt_advance(const hc_opt_call *o) {
    char *argument;
    if (hc_opt_last > HC_OPT(optind)) hc_opt_last = HC_OPT(optind);
    if (hc_opt_first > HC_OPT(optind)) hc_opt_first = HC_OPT(optind);
    if (o->order == HC_OPT_PERMUTE) {
        if (hc_opt_first != hc_opt_last && hc_opt_last != HC_OPT(optind)) hc_opt_exchange(o->argv);
        else if (hc_opt_last != HC_OPT(optind)) hc_opt_first = HC_OPT(optind);
        HC_ROLLED while (HC_OPT(optind) < o->argc && !hc_opt_is_option(o->argv[HC_OPT(optind)])) HC_OPT(optind)++;
        hc_opt_last = HC_OPT(optind);
    }
    if (HC_OPT(optind) != o->argc && hc_strcmp(o->argv[HC_OPT(optind)], "--") == 0) {
        HC_OPT(optind)++;
        if (hc_opt_first != hc_opt_last && hc_opt_last != HC_OPT(optind)) hc_opt_exchange(o->argv);
        else if (hc_opt_first == hc_opt_last) hc_opt_first = HC_OPT(optind);
        hc_opt_last = o->argc;
        HC_OPT(optind) = o->argc;
    }
    if (HC_OPT(optind) == o->argc) {
        if (hc_opt_first != hc_opt_last) HC_OPT(optind) = hc_opt_first;
        return -1;
    }
    argument = o->argv[HC_OPT(optind)];
    if (!hc_opt_is_option(argument)) {
        if (o->order == HC_OPT_STOP) return -1;
        HC_OPT(optarg) = argument;
        HC_OPT(optind)++;
        return 1;
    }
    return 0;
}
HC_BODY int hc_do_getopt(int argc, char *const *argv, const char *options, const hc_option *longs, int *index, int only) {
    hc_opt_call o;
    int stop;
    if (argc < 1) return -1;
    o.argc = argc;
    o.argv = (char **)argv;
    o.longs = longs;
    o.index = index;
    o.only = only;
    HC_OPT(optarg) = 0;
    if (HC_OPT(optind) == 0 || !hc_opt_begun) {
        if (HC_OPT(optind) == 0) HC_OPT(optind) = 1;
        hc_opt_first = hc_opt_last = HC_OPT(optind);
        hc_opt_rest = 0;
        hc_opt_begun = 1;
    }
    o.order = options[0] == '-' ? HC_OPT_IN_ORDER : options[0] == '+' || hc_environ_find("POSIXLY_CORRECT") ? HC_OPT_STOP : HC_OPT_PERMUTE;
    if (options[0] == '-' || options[0] == '+') options++;
    o.options = options;
    o.print = HC_OPT(opterr) && options[0] != ':';
    if (!hc_opt_rest || !*hc_opt_rest) {
        stop = hc_opt_advance(&o);
        if (stop) return stop;
        hc_opt_rest = o.argv[HC_OPT(optind)] + 1;
        if (longs && *hc_opt_rest == '-') {
            hc_opt_rest++;
            return hc_opt_long(&o, "--");
        }
        if (longs && only && (hc_opt_rest[1] || !hc_strchr(options, *hc_opt_rest))) {
            int found = hc_opt_long(&o, "-");
            if (found != -1) return found;
        }
    }
    return hc_opt_short(&o);
}
HC_API int hc_getopt(int argc, char *const *argv, const char *options) {
    HC_SPLIT(hc_do_getopt(argc, argv, options, 0, 0, 0), ::getopt(argc, argv, options))
}
HC_API int hc_getopt_long(int argc, char *const *argv, const char *options, const hc_option *longs, int *index) {
    HC_SPLIT(hc_do_getopt(argc, argv, options, longs, index, 0), ::getopt_long(argc, argv, options, longs, index))
}
HC_API int hc_getopt_long_only(int argc, char *const *argv, const char *options, const hc_option *longs, int *index) {
    HC_SPLIT(hc_do_getopt(argc, argv, options, longs, index, 1), ::getopt_long_only(argc, argv, options, longs, index))
}

#endif
