package corpus

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// timitCoreTest is the 24 speakers of TIMIT's core test set, as the corpus's
// documentation (testset.doc) lists them.
var timitCoreTest = speakerSet("MDAB0 MWBT0 FELC0 MTAS1 MWEW0 FPAS0 MJMP0 MLNT0 FPKT0 MLLL0 MTLS0 FJLM0 MBPM0 MKLT0 FNLP0 MCMJ0 MJDH0 FMGD0 MGRT0 MNJM0 FDHC0 MJLN0 MPAM0 FMLD0")

// timitDev is the 50 development speakers that Kaldi's recipe and those after
// it take from the complete test set.
var timitDev = speakerSet("FAKS0 FDAC1 FJEM0 MGWT0 MJAR0 MMDB1 MMDM2 MPDF0 FCMH0 FKMS0 MBDG0 MBWM0 MCSH0 FADG0 FDMS0 FEDW0 MGJF0 MGLB0 MRTK0 MTAA0 MTDT0 MTHC0 MWJG0 FNMR0 FREW0 FSEM0 MBNS0 MMJR0 MDLS0 MDLF0 MDVC0 MERS0 FMAH0 FDRW0 MRCS0 MRJM4 FCAL1 MMWH0 FJSJ0 MAJC0 MJSW0 MREB0 FGJD0 FJMG0 MROA0 MTEB0 MJFC0 MRJR0 FMML0 MRWS1")

func speakerSet(names string) map[string]bool {
	set := map[string]bool{}
	for _, s := range strings.Fields(names) {
		set[s] = true
	}
	return set
}

// common is the names that are in both sets.
func common(a, b map[string]bool) map[string]bool {
	set := map[string]bool{}
	for s := range a {
		if b[s] {
			set[s] = true
		}
	}
	return set
}

// splits decides each item's split by its speaker; see ImportTIMIT.
func (o TIMITOptions) splits(items []*timitItem) (func(*timitItem) string, error) {
	train, test, all := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, it := range items {
		all[it.speaker] = true
		if it.part == "TRAIN" {
			train[it.speaker] = true
		} else {
			test[it.speaker] = true
		}
	}
	names := slices.Sorted(maps.Keys(all))

	tests, rest := common(timitCoreTest, test), TestRest
	if o.TestSpeakers != "" {
		pool := test
		if len(test) == 0 {
			pool = train
		}
		var err error
		if tests, err = chooseSpeakers("test-speakers", o.TestSpeakers, slices.Sorted(maps.Keys(pool)), names); err != nil {
			return nil, err
		}
	} else if len(tests) == 0 {
		rest = Test
	}

	devs := common(timitDev, test)
	if o.DevSpeakers != "" {
		var err error
		if devs, err = chooseSpeakers("dev-speakers", o.DevSpeakers, without(train, tests), names); err != nil {
			return nil, err
		}
		if both := common(devs, tests); len(both) > 0 && o.TestSpeakers != "" {
			return nil, fmt.Errorf("dev-speakers and test-speakers both name %s, want disjoint lists", some(slices.Sorted(maps.Keys(both))))
		}
	}
	return func(it *timitItem) string {
		switch {
		case devs[it.speaker] && (o.DevSpeakers != "" || !tests[it.speaker]):
			return Dev
		case tests[it.speaker]:
			return Test
		case it.part == "TRAIN":
			return Train
		}
		return rest
	}, nil
}
