#include "session.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

cpng_status cpng_guard(cpng_session *session, void (*body)(void *), void *context) {
  if (session->png == NULL || session->info == NULL) return CPNG_OUT_OF_MEMORY;
  if (setjmp(png_jmpbuf(session->png)) != 0) return session->status;
  body(context);
  snprintf(session->message, CPNG_MESSAGE_SIZE, "%s", session->warnings);
  return CPNG_OK;
}

_Noreturn void cpng_fail(cpng_session *session, cpng_status status, const char *message) {
  session->status = status;
  png_error(session->png, message);
}

void cpng_on_error(png_structp png, png_const_charp message) {
  cpng_session *session = png_get_error_ptr(png);
  if (session->status == CPNG_OK) session->status = CPNG_INVALID;
  snprintf(session->message, CPNG_MESSAGE_SIZE, "%s%s%s", message,
           session->warnings[0] != 0 ? "; before that: " : "", session->warnings);
  png_longjmp(png, 1);
}

// What libpng merely warns of often explains the error that follows.
void cpng_on_warning(png_structp png, png_const_charp message) {
  cpng_session *session = png_get_error_ptr(png);
  if (strstr(session->warnings, message) != NULL) return;
  size_t count = strlen(session->warnings);
  snprintf(session->warnings + count, sizeof session->warnings - count, "%s%s",
           count > 0 ? "; " : "", message);
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
