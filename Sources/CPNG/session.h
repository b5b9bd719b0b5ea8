#pragma once
#include <png.h>

#include "cpng.h"

/// One run of libpng and how it failed; the first member of what reads or writes.
typedef struct {
  png_structp png;
  png_infop info;
  cpng_status status;
  /// The caller's buffer of CPNG_MESSAGE_SIZE bytes.
  char *message;
  /// What libpng warned of, each once, "; " between; empty where it did not.
  char warnings[CPNG_MESSAGE_SIZE];
} cpng_session;

/// Runs `body`, which may call libpng; an error inside ends it and becomes the status.
///
/// This holds the only setjmp, and nothing that changes lives in the frame that it returns to.
cpng_status cpng_guard(cpng_session *session, void (*body)(void *), void *context);

/// Leaves the body that `cpng_guard` runs.
_Noreturn void cpng_fail(cpng_session *session, cpng_status status, const char *message);

// Callbacks for png_create_read_struct_2 and png_create_write_struct_2, given the session.
void cpng_on_error(png_structp png, png_const_charp message);
void cpng_on_warning(png_structp png, png_const_charp message);
png_voidp cpng_on_malloc(png_structp png, png_alloc_size_t size);
void cpng_on_free(png_structp png, png_voidp pointer);
