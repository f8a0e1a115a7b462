package transforms_test

import (
	"fmt"
	"math"

	"framewise/transforms"
)

// One second of a 1 kHz tone: which mel filter is loudest?
func ExampleExtractor() {
	config, err := transforms.Preset("kaldi-fbank")
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := transforms.NewExtractor(config, 16000)
	if err != nil {
		fmt.Println(err)
		return
	}
	samples := make([]float32, 16000) // in int16 scale
	for i := range samples {
		samples[i] = float32(1000 * math.Sin(2*math.Pi*1000*float64(i)/16000))
	}
	rows := x.Compute(nil, samples)
	first, loudest := rows[:x.Dim()], 0
	for i, v := range first {
		if v > first[loudest] {
			loudest = i
		}
	}
	fmt.Println(len(rows)/x.Dim(), "frames of", x.Dim(), "filters; the loudest is", loudest)
	// Output: 98 frames of 23 filters; the loudest is 7
}

func ExampleNewResampler() {
	r, err := transforms.NewResampler(44100, 16000)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(r.Resample(nil, make([]float32, 44100))))
	// Output: 16000
}

func ExampleFeatureConfig_ForNarrowband() {
	config, err := transforms.Preset("psf-logfbank")
	if err != nil {
		fmt.Println(err)
		return
	}
	narrow, rate, err := config.ForNarrowband(16000, transforms.KeepBandOwn)
	fmt.Println(rate, narrow.NFFT, err)
	// Output: 8000 512 <nil>
}

func ExampleDeltas() {
	statics := []float32{0, 1, 2, 3, 4, 5} // one column
	fmt.Println(transforms.Deltas(nil, statics, 6, 1))
	// Output: [0.5 0.8 1 1 0.8 0.5]
}
