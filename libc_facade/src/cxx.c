/* SPDX-License-Identifier: Apache-2.0
 *
 * What object code from C++ asks for that has no exceptions and no standard library: operator new and delete by their linkable names. Linked
 * into programs that name one of these, beside the library, and never part of it. Weak: a program's own operators win.
 */
typedef __SIZE_TYPE__ hc_cxx_size;
extern void *malloc(hc_cxx_size n);
extern void *aligned_alloc(hc_cxx_size alignment, hc_cxx_size n);
extern void free(void *p);
extern void abort(void) __attribute__((noreturn));
extern long write(int fd, const void *p, hc_cxx_size n);

#define HC_CXX __attribute__((weak, used))

static void hc_cxx_die(const char *text, hc_cxx_size n) {
    (void)write(2, text, n);
    abort();
}
#define HC_CXX_DIE(text) hc_cxx_die(text, sizeof text - 1u)

/* Without exceptions a new that fails cannot come back; those that take std::nothrow give null. */
static void *hc_cxx_new(hc_cxx_size n, hc_cxx_size alignment) {
    hc_cxx_size bytes = n ? n : 1u;
    void *p = alignment ? aligned_alloc(alignment, (bytes + alignment - 1u) / alignment * alignment) : malloc(bytes);
    if (!p) HC_CXX_DIE("operator new: the heap is used up\n");
    return p;
}

HC_CXX void *_Znwm(hc_cxx_size n) { return hc_cxx_new(n, 0); }
HC_CXX void *_Znam(hc_cxx_size n) { return hc_cxx_new(n, 0); }
HC_CXX void *_ZnwmSt11align_val_t(hc_cxx_size n, hc_cxx_size alignment) { return hc_cxx_new(n, alignment); }
HC_CXX void *_ZnamSt11align_val_t(hc_cxx_size n, hc_cxx_size alignment) { return hc_cxx_new(n, alignment); }
HC_CXX void *_ZnwmRKSt9nothrow_t(hc_cxx_size n, const void *tag) {
    (void)tag;
    return malloc(n ? n : 1u);
}
HC_CXX void *_ZnamRKSt9nothrow_t(hc_cxx_size n, const void *tag) {
    (void)tag;
    return malloc(n ? n : 1u);
}
HC_CXX void _ZdlPv(void *p) { free(p); }
HC_CXX void _ZdaPv(void *p) { free(p); }
HC_CXX void _ZdlPvm(void *p, hc_cxx_size n) {
    (void)n;
    free(p);
}
HC_CXX void _ZdaPvm(void *p, hc_cxx_size n) {
    (void)n;
    free(p);
}
HC_CXX void _ZdlPvSt11align_val_t(void *p, hc_cxx_size alignment) {
    (void)alignment;
    free(p);
}
HC_CXX void _ZdlPvmSt11align_val_t(void *p, hc_cxx_size n, hc_cxx_size alignment) {
    (void)n;
    (void)alignment;
    free(p);
}
HC_CXX void __cxa_pure_virtual(void) { HC_CXX_DIE("a pure virtual function was called\n"); }
