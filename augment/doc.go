// Package augment decides what examples a corpus becomes and renders each of
// them into samples with an alignment. It does no I/O, reads no clock and has
// no generator: a plan is a pure function of the corpus, the configuration and
// the seed, and an example one of its recipe and its audio.
//
// # Planning
//
// [Plan] lists every [Recipe]; [Variants], [Bucket] and [Groups] are its pieces,
// for a program that plans bucket by bucket on many machines. Splits that the
// configuration does not name get their plain originals and nothing else.
//
//   - A narrowband copy has half the bandwidth of its original. Every example
//     of an augmented split has one, plain or concatenated, so the copy of a
//     concatenation has the parts, gaps, labels and T of that concatenation.
//   - A speed copy is its original resampled, for every factor other than 1.
//     What is made of an utterance is made of its speed copies too: narrowband
//     copies, and concatenations of parts of one speed, in the same groups
//     unless max_seconds cuts them elsewhere. A copy in which no frame fits is a
//     rejected example.
//   - A perturbed copy has the effects that are on (reverb, noise, gain), each
//     with its probability, and the timeline of its original. There are as many
//     of every utterance at every speed as perturb.copies says, each with its
//     narrowband copy and its concatenations, in the same groups.
//   - A concatenation is a group of k utterances of one split and one variant
//     with gaps between them. Each copy deals every utterance of the split into
//     one group: bucket = hash mod B, sort a bucket by hash, cut it into groups
//     of hashed size. An utterance that would take a group past max_seconds
//     begins the next one; one that is longer alone is in no group.
//   - Partner any takes neighbors as they come. same-speaker buckets and sorts
//     by speaker first and ends a group where the speaker changes.
//     different-speaker takes the first utterances in order whose speakers the
//     group does not have yet. An empty speaker is unknown, and an utterance of
//     it is in no group under these two policies.
//   - A group below min is a leftover. keep makes it as it is; wrap first fills
//     it up to min from the beginning of the bucket's order, with utterances
//     that it does not hold, that the policy allows and that fit; drop leaves
//     its utterances out. A group of one is never made, since it would repeat
//     the plain example: [LeftOut] counts those.
//
// # Draws
//
// Every draw is a hash of (seed, purpose, id, copy); see [framewise/corpus/draw].
//
//	purpose        id                              decides
//	concat-bucket  utterance, or its speaker       the bucket
//	concat-order   utterance                       the place in the bucket
//	concat-speaker speaker                         the place of a speaker (same-speaker)
//	concat-size    first utterance of the group    k in [min, max]
//	concat-gap     first utterance of the group    the gap before part i, in samples
//	concat-id      utterances of the group         the recipe's id
//	gap-noise      recipe, without "+nb" (copy: i)  the samples of the gap before part i
//	reverb, noise, utterance with the suffixes of  whether a part has the effect, and all that
//	gain           its copy, without "+nb"         it draws
//	sound          sound (seed, copy: 0)           its weight among the sounds of an effect
//
// # Rendering
//
// [Renderer] reads the parts at their own rate, brings them to the build's base
// rate, joins them, fills the gaps and builds the joined alignment; only then
// is a narrowband example band-limited. Alignment, labels and the number of
// frames therefore always live on the timeline of the base rate, whatever the
// rate of the samples that features are computed from.
//
//   - A gap is a segment of the label set's silence label, or no segment if the
//     set has none. Its noise is white and has the power of the quieter
//     neighbor's background: the 5th percentile (nearest rank) of the power
//     about the mean of frames of 25 ms every 10 ms, and at least 1/12, the
//     power of rounding to 16 bits. Original and narrowband copy have the same.
//   - An alignment is cut to its utterance; segments that hold no sample are
//     left out. Samples at `rate` and speed f count as samples at rate*f, f
//     being the exact fraction that its decimal says: there are
//     ceil(n*base/(rate*f)) of n, in one resampling, and a boundary b samples
//     into the utterance comes to round(b*base/(rate*f)), halves up, and the end
//     of the utterance to the end of its part.
//   - Phones are the labels of the segments in order, or the manifest's phones
//     where a part has no alignment. Where parts and gaps meet, a silence that
//     follows a silence is one with it; nothing else is merged.
//   - Effects change the samples of a part at the base rate, before it is
//     joined, in the order of [Config]'s effects. docs/augmentation.md has their
//     formulas; the recordings that they draw come from [Renderer.UseSounds].
//   - What was done to a part beside joining it is noted by name: "gain", "gap"
//     (fill, and rms of the noise before it), "narrowband" (mode, rate,
//     keep_band for keep), "noise", "resample" (to), "reverb" and "speed"
//     (factor).
package augment
