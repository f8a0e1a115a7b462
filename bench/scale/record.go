package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"framewise/corpus"
	"framewise/corpus/audio"
	"framewise/corpus/draw"
	"framewise/corpus/synth"
)

// The two kinds of corpora that are built.
const (
	short = "3-second files"
	long  = "1-hour files cut into segments"
)

const (
	segment   = 3 * synth.Rate // samples of an utterance
	segments  = 1200           // in an hour
	recording = segments * segment
)

// speech is what the recordings are cut from: some twelve minutes of a
// synthesized corpus, strung together, with their alignment.
type speech struct {
	samples   []float32
	alignment corpus.Alignment
}

// speak synthesizes and imports a corpus, and strings it together.
func speak(dir string) (*speech, error) {
	defer os.RemoveAll(dir)
	if _, err := synth.Generate(dir, synth.DefaultConfig(), nil); err != nil {
		return nil, err
	}
	us, _, err := corpus.ImportTIMIT(dir, corpus.TIMITOptions{KeepSA: true})
	if err != nil {
		return nil, err
	}
	s := &speech{}
	for _, u := range us {
		x, _, err := audio.Load(filepath.Join(dir, filepath.FromSlash(u.URI)), 0, u.Begin, u.End)
		if err != nil {
			return nil, err
		}
		for _, seg := range u.Alignment {
			at := int64(len(s.samples)) - u.Begin
			s.alignment = append(s.alignment, corpus.Segment{Begin: seg.Begin + at, End: seg.End + at, Label: seg.Label})
		}
		s.samples = append(s.samples, x...)
	}
	return s, nil
}

// record writes hours of recordings and their manifest. An utterance is three
// seconds of the speech from a place of its own, at a level of its own and with
// a little noise of its own, so that no two have the same bytes; to synthesize
// ten hours would take longer than to build them.
func record(dir string, hours int, long bool) error {
	s, err := speak(filepath.Join(dir, "speech"))
	if err != nil {
		return err
	}
	var us []corpus.Utterance
	for h := range hours {
		hour, err := s.hour(dir, h, hours, long)
		if err != nil {
			return err
		}
		us = append(us, hour...)
	}
	f, err := os.Create(filepath.Join(dir, "corpus.jsonl"))
	if err != nil {
		return err
	}
	return errors.Join(corpus.WriteManifest(f, us), f.Close())
}

// hour makes an hour of utterances. Of more than two hours the last is dev's.
func (s *speech) hour(dir string, h, hours int, long bool) ([]corpus.Utterance, error) {
	split := corpus.Train
	if h > 1 && h == hours-1 {
		split = corpus.Dev
	}
	us := make([]corpus.Utterance, segments)
	pcm := make([]byte, 0, 2*recording)
	for i := range us {
		id := fmt.Sprintf("H%02d/S%04d", h, i)
		k := draw.New(1, "record", id, 0)
		at := int64(k.IntN(0, len(s.samples)-segment))
		u := corpus.Utterance{ID: id, URI: id + ".wav", Rate: synth.Rate, Samples: segment, End: segment,
			Speaker: fmt.Sprintf("H%02dV%d", h, i/perSpeaker), Split: split, Text: "text of " + id, LabelSet: corpus.TIMIT61}
		if long {
			u.URI, u.Samples, u.Begin, u.End = fmt.Sprintf("H%02d.wav", h), recording, int64(i)*segment, int64(i+1)*segment
		} else {
			pcm = pcm[:0]
		}
		u.Alignment = s.cut(at, u.Begin)
		pcm = s.perturb(pcm, at, k)
		if !long {
			var err error
			if u.SHA256, err = writeWAV(filepath.Join(dir, filepath.FromSlash(u.URI)), pcm); err != nil {
				return nil, err
			}
		}
		us[i] = u
	}
	if !long {
		return us, nil
	}
	sum, err := writeWAV(filepath.Join(dir, us[0].URI), pcm)
	for i := range us {
		us[i].SHA256 = sum
	}
	return us, err
}

// cut is the alignment of the segment at a place of the speech, moved to begin.
func (s *speech) cut(at, begin int64) corpus.Alignment {
	var a corpus.Alignment
	for _, seg := range s.alignment {
		seg.Begin, seg.End = max(seg.Begin, at)-at+begin, min(seg.End, at+segment)-at+begin
		if seg.Begin < seg.End {
			a = append(a, seg)
		}
	}
	return a
}

// perturb appends the samples of the segment at a place.
func (s *speech) perturb(pcm []byte, at int64, k draw.Key) []byte {
	gain := float32(0.5 + 0.5*k.Float64(1))
	for i, v := range s.samples[at : at+segment] {
		noise := int(k.At(2+i/16)>>(4*(i%16))&7) - 4
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(float32(v*gain)*0.98)+int16(noise)))
	}
	return pcm
}

// writeWAV writes a mono recording of 16 bits and returns its SHA-256.
func writeWAV(path string, pcm []byte) (string, error) {
	le := binary.LittleEndian
	b := append(make([]byte, 0, 44+len(pcm)), "RIFF"...)
	b = le.AppendUint32(b, uint32(36+len(pcm)))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint32(b, synth.Rate)
	b = le.AppendUint32(b, 2*synth.Rate)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = le.AppendUint32(b, uint32(len(pcm)))
	b = append(b, pcm...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), os.WriteFile(path, b, 0o644)
}
