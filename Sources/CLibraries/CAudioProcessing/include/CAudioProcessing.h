// webrtc-audio-processing 1.x (modules/audio_processing/include/audio_processing.h), a C++ library, as C functions.
// Blocks are 10 ms of mono at 48 kHz: 480 samples. One thread at a time.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct vs_audio_processing vs_audio_processing;

// Whether the library was there when this was compiled; without it nothing is ever created.
bool vs_audio_processing_available(void);

// NULL without the library, or when it gives nothing.
vs_audio_processing *vs_audio_processing_create(bool cancels_echo, bool suppresses_noise, bool controls_gain);

void vs_audio_processing_destroy(vs_audio_processing *processing);

// A block on its way to the speaker. Returns 0, or the library's error, which is negative.
int vs_audio_processing_play(vs_audio_processing *processing, const int16_t *block);

// The microphone's block, in place. `delay_ms`: from a block's play to its echo's record.
int vs_audio_processing_record(vs_audio_processing *processing, int16_t *block, int delay_ms);

#ifdef __cplusplus
}
#endif
