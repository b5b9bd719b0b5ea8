// What every file that computes needs of its compiler: each float operation rounded by itself, to
// the precision of its type, in the order that is written. Included first.
//
// Flags without a macro, such as -fassociative-math, are undone by the pragmas below. What these do
// not reach changes results and is noticed by known vectors: -ffp-contract=fast, which fuses
// whatever they say, and denormal numbers taken for zero. scripts/test_flags.sh tries all.

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

// Of all that makes floats faster; WebAssembly's compiler knows only the next pragma.
#if !defined(__wasm__)
#pragma float_control(precise, on)
#endif
#pragma clang fp reassociate(off) reciprocal(off)
// Last, since `precise` turns it on.
#pragma STDC FP_CONTRACT OFF
