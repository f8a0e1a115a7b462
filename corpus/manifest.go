package corpus

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLine is the longest line of a manifest that is read, in bytes: an hour of
// phones has some hundred thousand.
const MaxLine = 16 << 20

// LineRef is where a line of a manifest lies, so that it can be read again
// without the lines before it.
type LineRef struct {
	Offset int64 // of its first byte
	Length int32 // without the line end
}

// lineProblem is a problem of a manifest's line.
func lineProblem(line int, reason Reason, detail string) *Problem {
	return &Problem{Reason: reason, At: fmt.Sprintf("line %d", line), Detail: detail}
}

// ParseUtterance reads one line of a manifest and checks all that can be told
// from the line alone. The error is a *Problem:
//
//   - BadManifest: not JSON, a field of the wrong type, an empty id, uri or
//     speaker, an unknown split, a SHA-256 that is not 64 hexadecimal digits,
//     a rate below 1, bounds outside 0 <= begin < end <= samples, an alignment
//     or phones without a label set;
//   - BadAlignment: a segment that is empty, or begins before the end of the
//     one before it;
//   - OutsideAudio: a segment beyond the recording's samples.
//
// The utterance is returned beside the error if the line was JSON of the right
// types, so that a reject can name its id and URI. A line with a problem of its
// own needs an id and a split and nothing else. Fields with other names are
// ignored. Labels are held against their set by LabelSet.Unknown, and files
// against the line by Check.
func ParseUtterance(line []byte) (*Utterance, error) {
	u := new(Utterance)
	if !parsePlain(line, u) {
		*u = Utterance{}
		if err := json.Unmarshal(line, u); err != nil {
			return nil, &Problem{Reason: BadManifest, Detail: fmt.Sprintf("not an utterance: %v", err)}
		}
	}
	if detail := u.badIdentity(); detail != "" {
		return u, &Problem{Reason: BadManifest, Detail: detail}
	}
	if u.Problem != nil {
		return u, nil
	}
	if detail := u.badFields(); detail != "" {
		return u, &Problem{Reason: BadManifest, Detail: detail}
	}
	if p := u.Alignment.check(u.Samples); p != nil {
		return u, p
	}
	return u, nil
}

// badIdentity says what is wrong with the fields that every line needs.
func (u *Utterance) badIdentity() string {
	switch {
	case u.ID == "":
		return "the id is empty"
	case !utf8.ValidString(u.ID) || strings.ContainsFunc(u.ID, unicode.IsControl):
		return fmt.Sprintf("the id %q holds control characters or is not UTF-8", u.ID)
	case !slices.Contains(Splits, u.Split):
		return fmt.Sprintf("the split is %q, want one of %s", u.Split, strings.Join(Splits, ", "))
	case u.Problem != nil && u.Problem.Reason == "":
		return "the problem has no reason"
	}
	return ""
}

// badFields says what is wrong with the fields of a line without a problem.
func (u *Utterance) badFields() string {
	sum, err := hex.DecodeString(u.SHA256)
	switch {
	case u.URI == "":
		return "the uri is empty"
	case err != nil || len(sum) != 32 || u.SHA256 != strings.ToLower(u.SHA256):
		return fmt.Sprintf("the sha256 is %q, want 64 lower-case hexadecimal digits", u.SHA256)
	case u.Rate < 1:
		return fmt.Sprintf("the rate is %d Hz, want at least 1", u.Rate)
	case u.Channel < 0:
		return fmt.Sprintf("the channel is %d, want 0 or more", u.Channel)
	case u.Begin < 0 || u.Begin >= u.End || u.End > u.Samples:
		return fmt.Sprintf("the utterance is samples %d to %d of %d, want 0 <= begin < end <= samples", u.Begin, u.End, u.Samples)
	case u.Speaker == "":
		return "the speaker is empty"
	case u.LabelSet == "" && (u.Alignment != nil || u.Phones != nil):
		return "there are labels and label_set is empty"
	}
	return ""
}

// WriteManifest writes the utterances sorted by id, one a line. The same
// utterances give the same bytes in whatever order they come.
func WriteManifest(w io.Writer, us []Utterance) error {
	order := make([]int, len(us))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(us[a].ID, us[b].ID) })
	bw := bufio.NewWriter(w)
	enc := json.NewEncoder(bw)
	enc.SetEscapeHTML(false)
	for _, i := range order {
		if err := enc.Encode(&us[i]); err != nil {
			return fmt.Errorf("write manifest: utterance %q: %w", us[i].ID, err)
		}
	}
	if err := bw.Flush(); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return nil
}

// IsRemote says whether a path is a URI with a scheme, such as gs://BUCKET/FILE,
// and no path of this machine.
func IsRemote(path string) bool { return strings.Contains(path, "://") }

// ResolveURI is where the recording of a manifest's line lies: a path, or a
// URI with a scheme. Relative URIs are relative to the manifest's folder, which
// may be remote itself.
func ResolveURI(manifestPath, uri string) string {
	if IsRemote(uri) || filepath.IsAbs(filepath.FromSlash(uri)) {
		return uri
	}
	if scheme, rest, ok := strings.Cut(manifestPath, "://"); ok {
		return scheme + "://" + path.Join(path.Dir(rest), uri)
	}
	return filepath.Join(filepath.Dir(manifestPath), filepath.FromSlash(uri))
}
