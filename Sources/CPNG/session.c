#include "session.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

cpng_status cpng_guard(cpng_session *session, void (*body)(void *), void *context) {
  if (session->png == NULL || session->info == NULL) return CPNG_OUT_OF_MEMORY;
  if (setjmp(png_jmpbuf(session->png)) != 0) return session->status;
  body(context);
  return CPNG_OK;
}

_Noreturn void cpng_fail(cpng_session *session, cpng_status status, const char *message) {
  session->status = status;
  png_error(session->png, message);
}

void cpng_on_error(png_structp png, png_const_charp message) {
  cpng_session *session = png_get_error_ptr(png);
  if (session->status == CPNG_OK) session->status = CPNG_INVALID;
  snprintf(session->message, CPNG_MESSAGE_SIZE, "%s", message);
  png_longjmp(png, 1);
}

// What libpng merely warns of does not change a sample.
void cpng_on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

png_voidp cpng_on_malloc(png_structp png, png_alloc_size_t size) {
  void *pointer = malloc(size);
  if (pointer == NULL) {
    cpng_session *session = png_get_mem_ptr(png);
    session->status = CPNG_OUT_OF_MEMORY;
  }
  return pointer;
}

void cpng_on_free(png_structp png, png_voidp pointer) {
  (void)png;
  free(pointer);
}
