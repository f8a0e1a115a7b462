// Package synth speaks a corpus of its own: a folder of the shape of TIMIT
// with audio, words, texts and phone boundaries that are exact, because the
// program that placed the boundaries also made the sound. It is the corpus of
// the demo and the load generator of the benchmarks.
//
// # From a seed to a sentence
//
// A small grammar (sentence.go) fills templates from a built-in lexicon
// (lexicon.go, wordlists.go). Allophonic rules (pronounce.go) turn the words into TIMIT's 61
// labels: stops become closure and release, /t d n/ flap between vowels,
// vowels reduce, pauses, epenthetic silences and glottal stops appear. The
// duration rule is Klatt's (1979), minimum plus a stretchable share, with
// stress, phrase-final lengthening, the speaker's rate and chance.
//
// # From a sentence to sound
//
//   - Source: the flow derivative of the KLGLOTT88 voicing source (Klatt and
//     Klatt 1990) with jitter, shimmer, spectral tilt and aspiration, its
//     closure band-limited; hashed noise for aspiration and frication.
//   - Tract: seven resonators in cascade, and a nasal pole and zero, as in
//     Klatt (1980); frication and bursts go through two parallel band-passes
//     and a bypass.
//   - Tracks: every phone is a gesture with a target and a dominance that
//     decays exponentially outside it; a formant is the dominance-weighted mean
//     of the targets around it (Löfqvist 1990, Cohen and Massaro 1993). Locus
//     transitions, undershoot in fast speech and vowel-to-vowel coarticulation
//     (Öhman 1966) follow from that.
//   - Speakers: sex decides the ranges of pitch and vocal-tract length; rate,
//     tilt, breathiness, vowel offsets of the dialect and of the speaker, reach
//     of coarticulation, channel, noise and level are drawn for each (Variation
//     holds all the ranges).
//
// Vowel targets are the averages of men by Peterson and Barney (1952), with the
// durations and the diphthongal movement of Hillenbrand et al. (1995);
// consonant targets follow Klatt (1980), table III, and Stevens (1998).
//
// # Determinism
//
// The bytes depend on Config alone: neither on the number of workers nor on the
// CPU. Every draw is a hash (corpus/draw), transcendental functions come from
// transforms/detmath, and every product of floating-point variables is wrapped
// in a conversion so that no compiler fuses it with a sum (a test reads the
// source for that).
//
// # References
//
//   - M. Cohen, D. Massaro. Modeling coarticulation in synthetic visual speech.
//     In Models and Techniques in Computer Animation, 1993.
//   - J. Garofolo et al. DARPA TIMIT acoustic-phonetic continuous speech
//     corpus. NISTIR 4930, 1993.
//   - J. Hillenbrand et al. Acoustic characteristics of American English
//     vowels. JASA 97, 1995.
//   - D. Klatt. Synthesis by rule of segmental durations in English sentences.
//     In Frontiers of Speech Communication Research, 1979.
//   - D. Klatt. Software for a cascade/parallel formant synthesizer. JASA 67,
//     1980.
//   - D. Klatt, L. Klatt. Analysis, synthesis, and perception of voice quality
//     variations among female and male talkers. JASA 87, 1990.
//   - A. Löfqvist. Speech as audible gestures. In Speech Production and Speech
//     Modelling, 1990.
//   - S. Öhman. Coarticulation in VCV utterances. JASA 39, 1966.
//   - G. Peterson, H. Barney. Control methods used in a study of the vowels.
//     JASA 24, 1952.
//   - K. Stevens. Acoustic Phonetics. MIT Press, 1998.
//   - V. Välimäki, A. Huovilainen. Antialiasing oscillators in subtractive
//     synthesis. IEEE Signal Processing Magazine 24, 2007.
package synth
