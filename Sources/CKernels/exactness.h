// What every file that computes needs of its compiler: each float operation rounded by itself, to
// the precision of its type, in the order that is written. Included first.
//
// Flags without a macro (-fassociative-math, -freciprocal-math and so on) are undone by the pragmas
// below, or change results and are caught by known vectors; scripts/test_flags.sh tries them all.

#if !defined(__clang__)
#error "The kernels need clang: its vector extensions, and pragmas that forbid fused operations."
#endif
#if defined(__FAST_MATH__)
#error "The kernels need exact floats: compile without -ffast-math and -Ofast."
#endif
#if __FINITE_MATH_ONLY__ > 0
#error "The kernels need infinities and NaN: compile without -ffinite-math-only."
#endif
#if !defined(__FLT_EVAL_METHOD__) || __FLT_EVAL_METHOD__ != 0
#error "The kernels need floats of the precision of their type: no x87, no -ffp-eval-method."
#endif
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "The kernels need a little-endian machine."
#endif

#pragma STDC FP_CONTRACT OFF
#pragma clang fp reassociate(off) reciprocal(off)
