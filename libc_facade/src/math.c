/* SPDX-License-Identifier: Apache-2.0
 *
 * <math.h> on GPUs: one line for each function over the one that NVIDIA's libdevice has, which is linked into the library when it is built, and which
 * NVRTC has by itself. long double is double. On the host the machine's libm answers under these names, and nothing stands here.
 */
#include "library.h"

#if defined(HC_CUDA) && !defined(HC_NO_LIBDEVICE)

/* name of one argument, in its three widths. */
#define HC_MATH_1(name)                                                                                                                  \
    HC_EXTERN_C __device__ double __nv_##name(double x);                                                                                  \
    HC_EXTERN_C __device__ float __nv_##name##f(float x);                                                                                 \
    HC_EXPORT double name(double x) { return __nv_##name(x); }                                                                            \
    HC_EXPORT float name##f(float x) { return __nv_##name##f(x); }                                                                        \
    HC_EXPORT double name##l(double x) { return __nv_##name(x); }
#define HC_MATH_2(name)                                                                                                                  \
    HC_EXTERN_C __device__ double __nv_##name(double x, double y);                                                                        \
    HC_EXTERN_C __device__ float __nv_##name##f(float x, float y);                                                                        \
    HC_EXPORT double name(double x, double y) { return __nv_##name(x, y); }                                                               \
    HC_EXPORT float name##f(float x, float y) { return __nv_##name##f(x, y); }                                                            \
    HC_EXPORT double name##l(double x, double y) { return __nv_##name(x, y); }

HC_MATH_1(acos)
HC_MATH_1(asin)
HC_MATH_1(atan)
HC_MATH_1(cos)
HC_MATH_1(sin)
HC_MATH_1(tan)
HC_MATH_1(acosh)
HC_MATH_1(asinh)
HC_MATH_1(atanh)
HC_MATH_1(cosh)
HC_MATH_1(sinh)
HC_MATH_1(tanh)
HC_MATH_1(exp)
HC_MATH_1(exp2)
HC_MATH_1(exp10)
HC_MATH_1(expm1)
HC_MATH_1(log)
HC_MATH_1(log10)
HC_MATH_1(log1p)
HC_MATH_1(log2)
HC_MATH_1(logb)
HC_MATH_1(cbrt)
HC_MATH_1(sqrt)
HC_MATH_1(fabs)
HC_MATH_1(erf)
HC_MATH_1(erfc)
HC_MATH_1(tgamma)
HC_MATH_1(ceil)
HC_MATH_1(floor)
HC_MATH_1(nearbyint)
HC_MATH_1(rint)
HC_MATH_1(round)
HC_MATH_1(trunc)
HC_MATH_2(atan2)
HC_MATH_2(pow)
HC_MATH_2(hypot)
HC_MATH_2(fmod)
HC_MATH_2(remainder)
HC_MATH_2(copysign)
HC_MATH_2(nextafter)
HC_MATH_2(fdim)
HC_MATH_2(fmax)
HC_MATH_2(fmin)

/* ------------------------------------------------------------------------------------------------------ of other signatures */
#if defined(__cplusplus)
#define HC_MATH_NAN __longlong_as_double(0x7ff8000000000000ll)
#define HC_MATH_HUGE __longlong_as_double(0x7ff0000000000000ll)
#else
#define HC_MATH_NAN __builtin_nan("")
#define HC_MATH_HUGE __builtin_inf()
#endif
HC_FN float hc_nexttowardf(float x, double y) {
    if ((double)x == y) return (float)y;
    return __nv_nextafterf(x, (double)x < y ? (float)HC_MATH_HUGE : y < (double)x ? -(float)HC_MATH_HUGE : (float)HC_MATH_NAN);
}
HC_EXTERN_C __device__ double __nv_fma(double x, double y, double z);
HC_EXPORT double fma(double x, double y, double z) { return __nv_fma(x, y, z); }
HC_EXTERN_C __device__ double __nv_frexp(double x, int *exponent);
HC_EXPORT double frexp(double x, int *exponent) { return __nv_frexp(x, exponent); }
HC_EXTERN_C __device__ double __nv_ldexp(double x, int exponent);
HC_EXPORT double ldexp(double x, int exponent) { return __nv_ldexp(x, exponent); }
HC_EXPORT double scalbn(double x, int n) { return __nv_ldexp(x, n); }
HC_EXPORT double scalbln(double x, long n) { return __nv_ldexp(x, n > 100000 ? 100000 : n < -100000 ? -100000 : (int)n); }
HC_EXTERN_C __device__ double __nv_modf(double x, double *whole);
HC_EXPORT double modf(double x, double *whole) { return __nv_modf(x, whole); }
HC_EXTERN_C __device__ double __nv_remquo(double x, double y, int *quotient);
HC_EXPORT double remquo(double x, double y, int *quotient) { return __nv_remquo(x, y, quotient); }
HC_EXPORT double nexttoward(double x, double y) { return __nv_nextafter(x, y); }
HC_EXTERN_C __device__ int __nv_ilogb(double x);
HC_EXPORT int ilogb(double x) { return __nv_ilogb(x); }
HC_EXTERN_C __device__ long long __nv_llrint(double x);
HC_EXTERN_C __device__ long long __nv_llround(double x);
HC_EXPORT long lrint(double x) { return (long)__nv_llrint(x); }
HC_EXPORT long long llrint(double x) { return __nv_llrint(x); }
HC_EXPORT long lround(double x) { return (long)__nv_llround(x); }
HC_EXPORT long long llround(double x) { return __nv_llround(x); }
HC_EXPORT double nan(const char *tag) {
    (void)tag;
    return (double)HC_MATH_NAN;
}
HC_EXTERN_C __device__ double __nv_lgamma(double x);

HC_EXTERN_C __device__ float __nv_fmaf(float x, float y, float z);
HC_EXPORT float fmaf(float x, float y, float z) { return __nv_fmaf(x, y, z); }
HC_EXTERN_C __device__ float __nv_frexpf(float x, int *exponent);
HC_EXPORT float frexpf(float x, int *exponent) { return __nv_frexpf(x, exponent); }
HC_EXTERN_C __device__ float __nv_ldexpf(float x, int exponent);
HC_EXPORT float ldexpf(float x, int exponent) { return __nv_ldexpf(x, exponent); }
HC_EXPORT float scalbnf(float x, int n) { return __nv_ldexpf(x, n); }
HC_EXPORT float scalblnf(float x, long n) { return __nv_ldexpf(x, n > 100000 ? 100000 : n < -100000 ? -100000 : (int)n); }
HC_EXTERN_C __device__ float __nv_modff(float x, float *whole);
HC_EXPORT float modff(float x, float *whole) { return __nv_modff(x, whole); }
HC_EXTERN_C __device__ float __nv_remquof(float x, float y, int *quotient);
HC_EXPORT float remquof(float x, float y, int *quotient) { return __nv_remquof(x, y, quotient); }
HC_EXPORT float nexttowardf(float x, double y) { return hc_nexttowardf(x, y); }
HC_EXTERN_C __device__ int __nv_ilogbf(float x);
HC_EXPORT int ilogbf(float x) { return __nv_ilogbf(x); }
HC_EXTERN_C __device__ long long __nv_llrintf(float x);
HC_EXTERN_C __device__ long long __nv_llroundf(float x);
HC_EXPORT long lrintf(float x) { return (long)__nv_llrintf(x); }
HC_EXPORT long long llrintf(float x) { return __nv_llrintf(x); }
HC_EXPORT long lroundf(float x) { return (long)__nv_llroundf(x); }
HC_EXPORT long long llroundf(float x) { return __nv_llroundf(x); }
HC_EXPORT float nanf(const char *tag) {
    (void)tag;
    return (float)HC_MATH_NAN;
}
HC_EXTERN_C __device__ float __nv_lgammaf(float x);

HC_EXPORT double fmal(double x, double y, double z) { return __nv_fma(x, y, z); }
HC_EXPORT double frexpl(double x, int *exponent) { return __nv_frexp(x, exponent); }
HC_EXPORT double ldexpl(double x, int exponent) { return __nv_ldexp(x, exponent); }
HC_EXPORT double scalbnl(double x, int n) { return __nv_ldexp(x, n); }
HC_EXPORT double scalblnl(double x, long n) { return __nv_ldexp(x, n > 100000 ? 100000 : n < -100000 ? -100000 : (int)n); }
HC_EXPORT double modfl(double x, double *whole) { return __nv_modf(x, whole); }
HC_EXPORT double remquol(double x, double y, int *quotient) { return __nv_remquo(x, y, quotient); }
HC_EXPORT double nexttowardl(double x, double y) { return __nv_nextafter(x, y); }
HC_EXPORT int ilogbl(double x) { return __nv_ilogb(x); }
HC_EXPORT long lrintl(double x) { return (long)__nv_llrint(x); }
HC_EXPORT long long llrintl(double x) { return __nv_llrint(x); }
HC_EXPORT long lroundl(double x) { return (long)__nv_llround(x); }
HC_EXPORT long long llroundl(double x) { return __nv_llround(x); }
HC_EXPORT double nanl(const char *tag) {
    (void)tag;
    return (double)HC_MATH_NAN;
}

/* The sign of the gamma function: between the poles of the negative numbers it changes at each. */
#if defined(__cplusplus)
extern "C" {
__device__ int signgam = 0;
}
#else
HC_EXPORT int signgam = 0;
#endif
HC_FN int hc_gamma_sign(double x) {
    if (x == 0) return 1.0 / x < 0 ? -1 : 1;
    return x < 0 && __nv_fmod(__nv_floor(x), 2.0) != 0 ? -1 : 1;
}
HC_EXPORT double lgamma_r(double x, int *sign) {
    *sign = hc_gamma_sign(x);
    return __nv_lgamma(x);
}
HC_EXPORT float lgammaf_r(float x, int *sign) {
    *sign = hc_gamma_sign((double)x);
    return __nv_lgammaf(x);
}
HC_EXPORT double lgamma(double x) { return lgamma_r(x, &signgam); }
HC_EXPORT float lgammaf(float x) { return lgammaf_r(x, &signgam); }
HC_EXPORT double lgammal(double x) { return lgamma_r(x, &signgam); }
HC_EXPORT double gamma(double x) { return lgamma_r(x, &signgam); }

HC_EXTERN_C __device__ double __nv_j0(double x);
HC_EXTERN_C __device__ double __nv_j1(double x);
HC_EXTERN_C __device__ double __nv_jn(int n, double x);
HC_EXTERN_C __device__ double __nv_y0(double x);
HC_EXTERN_C __device__ double __nv_y1(double x);
HC_EXTERN_C __device__ double __nv_yn(int n, double x);
HC_EXPORT double j0(double x) { return __nv_j0(x); }
HC_EXPORT double j1(double x) { return __nv_j1(x); }
HC_EXPORT double jn(int n, double x) { return __nv_jn(n, x); }
HC_EXPORT double y0(double x) { return __nv_y0(x); }
HC_EXPORT double y1(double x) { return __nv_y1(x); }
HC_EXPORT double yn(int n, double x) { return __nv_yn(n, x); }
HC_EXPORT void sincos(double x, double *s, double *c) {
    *s = __nv_sin(x);
    *c = __nv_cos(x);
}
HC_EXPORT void sincosf(float x, float *s, float *c) {
    *s = __nv_sinf(x);
    *c = __nv_cosf(x);
}
HC_EXPORT int finite(double x) { return x - x == 0; }
HC_EXPORT double drem(double x, double y) { return __nv_remainder(x, y); }
HC_EXPORT double significand(double x) { return x == 0 || x - x != 0 ? x : __nv_ldexp(x, -__nv_ilogb(x)); }
HC_EXPORT double scalb(double x, double n) { return n != n ? n : __nv_ldexp(x, n > 1e5 ? 100000 : n < -1e5 ? -100000 : (int)n); }

/* ------------------------------------------------------------------------------------------------------------------ <fenv.h>
 * No flags to test or raise, and one way to round: what asks for another is refused. */
#define HC_FENV_WORDS 8
HC_FN int hc_fenv_nothing(void *to) {
    int i;
    HC_ROLLED for (i = 0; i < HC_FENV_WORDS; i++) ((hc_u32 *)to)[i] = 0;
    return 0;
}
HC_EXPORT int feclearexcept(int flags) { return flags & 0; }
HC_EXPORT int fegetexceptflag(hc_u16 *to, int flags) {
    *to = 0;
    return flags & 0;
}
HC_EXPORT int feraiseexcept(int flags) { return flags != 0; }
HC_EXPORT int fesetexceptflag(const hc_u16 *from, int flags) { return (*from & flags) != 0; }
HC_EXPORT int fetestexcept(int flags) { return flags & 0; }
HC_EXPORT int fegetround(void) { return 0; }
HC_EXPORT int fesetround(int way) { return way != 0; }
HC_EXPORT int fegetenv(void *to) { return hc_fenv_nothing(to); }
HC_EXPORT int feholdexcept(void *to) { return hc_fenv_nothing(to); }
HC_EXPORT int fesetenv(const void *from) { return from == 0; }
HC_EXPORT int feupdateenv(const void *from) { return from == 0; }
#endif
