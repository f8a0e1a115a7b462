// Serves kaldi-native-fbank to the benchmark's driver, by the protocol of
// bench/turns, from its C++ interface: no lists of Python are copied.
//
//   knf DATA-FOLDER
//
// PEER, given by prepare.sh, is the name and version in the rows.
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "kaldi-native-fbank/csrc/online-feature.h"

using Signal = std::vector<float>;
using Features = std::vector<float>;
using Work = std::function<void(Features *)>;

static double Seconds(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

// Load reads raw 16-bit samples of the host's byte order.
static Signal Load(const std::string &path) {
  std::ifstream f(path, std::ios::binary | std::ios::ate);
  if (!f) {
    std::cerr << path << ": cannot be opened\n";
    exit(3);
  }
  std::vector<int16_t> s(f.tellg() / 2);
  f.seekg(0);
  f.read(reinterpret_cast<char *>(s.data()), 2 * s.size());
  return Signal(s.begin(), s.end());
}

// Extract computes all frames of a signal.
template <typename Online, typename Options>
static void Extract(const Options &options, const Signal &signal, Features *out) {
  Online extractor(options);
  extractor.AcceptWaveform(options.frame_opts.samp_freq, signal.data(), signal.size());
  extractor.InputFinished();
  size_t dim = extractor.Dim(), frames = extractor.NumFramesReady();
  out->resize(frames * dim);
  for (size_t t = 0; t < frames; ++t) memcpy(&(*out)[t * dim], extractor.GetFrame(t), dim * sizeof(float));
}

template <typename Options>
static Options Defaults(int rate, int bins) {
  Options o;
  o.frame_opts.dither = 0;
  o.frame_opts.samp_freq = rate;
  o.mel_opts.num_bins = bins;
  o.mel_opts.low_freq = 20;
  o.mel_opts.high_freq = 0;
  return o;
}

static void Answer(const char *format, double a, double b) {
  printf(format, a, b);
  fflush(stdout);
}

static void Serve(const std::map<std::string, Work> &works) {
  printf("{\"offers\": {");
  const char *comma = "";
  for (const auto &w : works) {
    printf("%s\"%s\": \"%s\"", comma, w.first.c_str(), PEER);
    comma = ", ";
  }
  printf("}}\n");
  fflush(stdout);
  Features out;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string verb, id, argument;
    words >> verb >> id;
    std::getline(words >> std::ws, argument);
    auto work = works.find(id);
    if (work == works.end() || (verb != "run" && verb != "save")) {
      printf("{\"error\": \"no such request\"}\n");
      fflush(stdout);
      continue;
    }
    int times = verb == "run" ? std::stoi(argument) : 1;
    double wall = Seconds(CLOCK_MONOTONIC), cpu = Seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < times; ++i) work->second(&out);
    wall = Seconds(CLOCK_MONOTONIC) - wall, cpu = Seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (verb == "save") {
      std::ofstream f(argument, std::ios::binary);
      f.write(reinterpret_cast<const char *>(out.data()), out.size() * sizeof(float));
    }
    Answer("{\"wall_s\": %.9f, \"cpu_s\": %.9f}\n", wall, cpu);
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    std::cerr << "usage: knf DATA-FOLDER\n";
    return 2;
  }
  std::string folder = argv[1];
  Signal wide = Load(folder + "/speech-16k.s16"), narrow = Load(folder + "/speech-8k.s16");
  auto fbank16 = Defaults<knf::FbankOptions>(16000, 80);
  auto fbank8 = Defaults<knf::FbankOptions>(8000, 40);
  auto mfcc = Defaults<knf::MfccOptions>(16000, 23);
  mfcc.num_ceps = 13;
  Serve({
      {"knf-fbank80", [&](Features *out) { Extract<knf::OnlineFbank>(fbank16, wide, out); }},
      {"knf-fbank40-8k", [&](Features *out) { Extract<knf::OnlineFbank>(fbank8, narrow, out); }},
      {"knf-mfcc13", [&](Features *out) { Extract<knf::OnlineMfcc>(mfcc, wide, out); }},
  });
}
