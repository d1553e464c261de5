#pragma once
#include <stdint.h>

/// How often this thread has asked malloc and its like for memory.
uint64_t vs_allocations(void);
