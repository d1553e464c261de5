#pragma once
#include <stdint.h>

/* How often this process has asked for memory so far. Linking this target puts it in the way of glibc's functions. */
uint64_t vs_malloc_count(void);
