#include <stdlib.h>

/* The four functions by which libvpx takes memory (vpx_mem/vpx_mem.h in its sources), defined here before its archive is
   searched. Its own vpx_calloc writes zeros over every byte; an encoder of 1280x720 asks for 22 MB of room for the tokens
   of a picture in which no coefficient is zero, and uses a hundredth of it. Pages straight from the kernel are zero, and
   take no memory before they are used. malloc and calloc align to two pointers, which is what libvpx counts on. */

void *vpx_memalign(size_t alignment, size_t size);
void *vpx_malloc(size_t size);
void *vpx_calloc(size_t count, size_t size);
void vpx_free(void *memory);

void *vpx_memalign(size_t alignment, size_t size) {
    void *memory = NULL;
    return posix_memalign(&memory, alignment < sizeof(void *) ? sizeof(void *) : alignment, size) == 0 ? memory : NULL;
}

void *vpx_malloc(size_t size) { return malloc(size); }

void *vpx_calloc(size_t count, size_t size) { return calloc(count, size); }

void vpx_free(void *memory) { free(memory); }
