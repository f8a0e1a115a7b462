# Makes kaldi-native-fbank's Rfft keep its FFT plan. As shipped it makes and
# frees kissfft's plan, cosines and all, for every frame.
s/^( *)RfftImpl\(int32_t n, bool inverse\)/\1~RfftImpl() { kiss_fftr_free(plan_); }\n&/
s/^( *)bool inverse_ = false;/&\n\1mutable kiss_fftr_cfg plan_ = nullptr;/
/void Forward\(/,/void Reverse\(/{
  s/kiss_fftr_cfg cfg = (kiss_fftr_alloc\(n_, 0, nullptr, nullptr\));/if (plan_ == nullptr) plan_ = \1;/
  s/kiss_fftr\(cfg,/kiss_fftr(plan_,/
  /kiss_fftr_free\(cfg\);/d
}
