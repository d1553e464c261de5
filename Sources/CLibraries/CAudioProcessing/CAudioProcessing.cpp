#include "CAudioProcessing.h"

// Package.swift defines this where the library is installed.
#ifdef VISIOSALLE_WEBRTC_AUDIO_PROCESSING

#include <modules/audio_processing/include/audio_processing.h>

#include <new>

namespace {
constexpr int sample_rate = 48000;
constexpr int samples = sample_rate / 100;
}  // namespace

struct vs_audio_processing {
    rtc::scoped_refptr<webrtc::AudioProcessing> module;
    webrtc::StreamConfig stream{sample_rate, 1};
    // The library wants somewhere to write what it makes of the speaker's block; the speaker gets the block itself.
    int16_t played[samples];
};

bool vs_audio_processing_available(void) {
    return true;
}

vs_audio_processing *vs_audio_processing_create(bool cancels_echo, bool suppresses_noise, bool controls_gain) {
    rtc::scoped_refptr<webrtc::AudioProcessing> module(webrtc::AudioProcessingBuilder().Create());
    if (!module) return nullptr;
    webrtc::AudioProcessing::Config config;
    config.pipeline.maximum_internal_processing_rate = sample_rate;
    config.high_pass_filter.enabled = cancels_echo || suppresses_noise;
    config.echo_canceller.enabled = cancels_echo;
    config.echo_canceller.mobile_mode = false;
    config.noise_suppression.enabled = suppresses_noise;
    config.noise_suppression.level = webrtc::AudioProcessing::Config::NoiseSuppression::kHigh;
    // No mixer is turned: the microphone's own gain belongs to the device.
    config.gain_controller1.enabled = controls_gain;
    config.gain_controller1.mode = webrtc::AudioProcessing::Config::GainController1::kAdaptiveDigital;
    config.gain_controller1.target_level_dbfs = 6;
    config.gain_controller1.compression_gain_db = 12;
    config.gain_controller1.enable_limiter = true;
    module->ApplyConfig(config);
    auto *processing = new (std::nothrow) vs_audio_processing;
    if (processing) processing->module = module;
    return processing;
}

void vs_audio_processing_destroy(vs_audio_processing *processing) {
    delete processing;
}

int vs_audio_processing_play(vs_audio_processing *processing, const int16_t *block) {
    return processing->module->ProcessReverseStream(block, processing->stream, processing->stream, processing->played);
}

int vs_audio_processing_record(vs_audio_processing *processing, int16_t *block, int delay_ms) {
    processing->module->set_stream_delay_ms(delay_ms);
    return processing->module->ProcessStream(block, processing->stream, processing->stream, block);
}

#else

bool vs_audio_processing_available(void) {
    return false;
}

vs_audio_processing *vs_audio_processing_create(bool, bool, bool) {
    return nullptr;
}

void vs_audio_processing_destroy(vs_audio_processing *) {}

int vs_audio_processing_play(vs_audio_processing *, const int16_t *) {
    return -1;
}

int vs_audio_processing_record(vs_audio_processing *, int16_t *, int) {
    return -1;
}

#endif
