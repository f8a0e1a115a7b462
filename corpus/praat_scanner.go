package corpus

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// tokenKind is what a token of a Praat text file is.
type tokenKind string

const (
	praatNumber   tokenKind = "a number"
	praatText     tokenKind = "a text in quotes"
	praatFlag     tokenKind = "a flag such as <exists>"
	praatEnd      tokenKind = "the end of the file"
	praatUnclosed tokenKind = "an unclosed quote"
)

type praatToken struct {
	kind   tokenKind
	text   string // of a praatText without its quotes
	number float64
}

// praatScanner finds the tokens of a Praat text file. Line ends are "\n".
type praatScanner struct {
	rest string
	line int // of the token that was found last
	seen int // line ends in the token that was found last
}

// scan finds the next token.
func (s *praatScanner) scan() praatToken {
	s.line, s.seen = s.line+s.seen, 0
	for {
		word := strings.TrimLeft(s.rest, " \t\n\f\v\u00a0")
		s.line += strings.Count(s.rest[:len(s.rest)-len(word)], "\n")
		s.rest = word
		if word == "" {
			return praatToken{kind: praatEnd}
		}
		switch word[0] {
		case '"':
			return s.quoted()
		case '!':
			s.skipTo("\n")
			continue
		}
		end := strings.IndexAny(word, " \t\n\f\v")
		if end < 0 {
			end = len(word)
		}
		word, s.rest = word[:end], word[end:]
		if word[0] == '<' && word[len(word)-1] == '>' {
			return praatToken{kind: praatFlag, text: word}
		}
		if v, ok := decimal(word); ok {
			return praatToken{kind: praatNumber, text: word, number: v}
		}
	}
}

func (s *praatScanner) skipTo(mark string) {
	if i := strings.Index(s.rest, mark); i >= 0 {
		s.rest = s.rest[i:]
	} else {
		s.rest = ""
	}
}

// quoted reads a text in quotes, in which two quotes stand for one.
func (s *praatScanner) quoted() praatToken {
	for i := 1; ; i++ {
		k := strings.IndexByte(s.rest[i:], '"')
		if k < 0 {
			return praatToken{kind: praatUnclosed, text: s.rest}
		}
		i += k
		if strings.HasPrefix(s.rest[i+1:], `"`) {
			i++
			continue
		}
		text := s.rest[1:i]
		s.seen, s.rest = strings.Count(text, "\n"), s.rest[i+1:]
		return praatToken{kind: praatText, text: strings.ReplaceAll(text, `""`, `"`)}
	}
}

// decimal reads a finite decimal number. The words and hexadecimal digits that
// Go takes for numbers are none.
func decimal(s string) (float64, bool) {
	if strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}

// decodePraat makes a Praat text file UTF-8 with "\n" for line ends.
func decodePraat(b []byte) (string, error) {
	bad := func(at, format string, args ...any) (string, error) {
		return "", &Problem{Reason: BadAlignment, At: at, Detail: fmt.Sprintf(format, args...)}
	}
	var text string
	switch {
	case bytes.HasPrefix(b, []byte("ooBinaryFile")):
		return bad("", "this is a binary TextGrid, want a text format (in Praat: Save as text file)")
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}), bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		order := binary.ByteOrder(binary.BigEndian)
		if b[0] == 0xff {
			order = binary.LittleEndian
		}
		if len(b)%2 != 0 {
			return bad("", "the file begins as UTF-16 does and has %d bytes, want an even number", len(b))
		}
		units := make([]uint16, 0, len(b)/2)
		for i := 2; i < len(b); i += 2 {
			units = append(units, order.Uint16(b[i:]))
		}
		text = string(utf16.Decode(units))
		if i := strings.IndexRune(text, utf8.RuneError); i >= 0 {
			return bad(fmt.Sprintf("line %d", 1+strings.Count(text[:i], "\n")), "half a UTF-16 surrogate pair")
		}
	default:
		text = string(bytes.TrimPrefix(b, []byte("\ufeff")))
		if !utf8.ValidString(text) {
			line := 1
			for _, l := range strings.SplitAfter(text, "\n") {
				if !utf8.ValidString(l) {
					return bad(fmt.Sprintf("line %d", line), "%.40q is not UTF-8", l)
				}
				line++
			}
		}
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), nil
}
