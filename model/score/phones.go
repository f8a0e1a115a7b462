package score

// PhoneRule counts the changes of [Phones] that change what it makes of some
// labels. Scores and CTC's targets made by different rules are not comparable;
// whatever keeps either keeps the rule beside it.
//
// 1: phones of one class in a row were one. 2: only silences are.
const PhoneRule = 2

// Phones turns labels, each of them one phone, into the phone sequence that is
// trained on and scored: classes[l] is the class of label l, and nil leaves
// labels as they are. Labels without a class (-1, as TIMIT's q when folding) are
// left out; then silences in a row are one. Nothing else is merged: two phones
// stay two if they have the same label, if folding makes them equal, and if they
// meet where one between them was left out. silence is the class of silence, or
// -1 if there is none.
//
// These are the references of SpeechBrain (timit_prepare.py). Kaldi and ESPnet
// (timit_norm_trans.pl) keep silences in a row too; Kaldi scores them as
// optional.
func Phones[L, C int | int16](labels []L, classes []C, silence int) []int {
	var phones []int
	for _, l := range labels {
		class := int(l)
		if l >= 0 && classes != nil {
			class = int(classes[l])
		}
		n := len(phones)
		if class < 0 || class == silence && n > 0 && phones[n-1] == silence {
			continue
		}
		phones = append(phones, class)
	}
	return phones
}
