package gcs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"

	"cloud.google.com/go/storage"
	"google.golang.org/api/googleapi"

	"framewise/dataset"
)

// failure is an error of the service in our words. Its text is free of
// credentials; what is below it is kept for errors.Is and errors.As.
type failure struct {
	text   string
	kind   error // what it is to those who cannot know the service; may be nil
	reason error
}

func (f *failure) Error() string { return f.text }

func (f *failure) Unwrap() []error {
	if f.kind == nil {
		return []error{f.reason}
	}
	return []error{f.kind, f.reason}
}

// failed says what a request came to. ctx is the one it was made with, which
// may know better than the error why it ended.
func (s *Store) failed(ctx context.Context, op, name string, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		if !errors.Is(cause, err) {
			err = fmt.Errorf("%w (%w)", cause, err)
		}
		if errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded) {
			return newFailure(op, s.uri(name), err, nil, "")
		}
	}
	hint, kind := classify(err)
	return newFailure(op, s.uri(name), err, kind, hint)
}

func newFailure(op, uri string, err, kind error, hint string) *failure {
	return &failure{text: fmt.Sprintf("%s %s: %s%s", op, uri, redact(err.Error()), hint), kind: kind, reason: err}
}

// classify says what an error of the service means to a caller, and what to do
// about it.
func classify(err error) (hint string, kind error) {
	switch code := status(err); {
	case errors.Is(err, storage.ErrBucketNotExist):
		return "; make the bucket, or name another", dataset.ErrNoStore
	case errors.Is(err, storage.ErrObjectNotExist):
		return "", fs.ErrNotExist
	case code == http.StatusNotFound:
		return "; is there such a bucket?", dataset.ErrNoStore
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return "; the account needs storage.objects.get, list, create and delete there (roles/storage.objectUser)", fs.ErrPermission
	case code == 0 || code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		return "", dataset.ErrUnavailable
	}
	return "", nil
}

// status is the HTTP status of an error, 0 if it has none.
func status(err error) int {
	var e *googleapi.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// secrets are what a message of the HTTP stack or of an authorization server
// may hold and nobody should read: queries of URLs, which carry signatures and
// upload ids, authorization headers, and tokens and keys by their names or forms.
var secrets = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`(\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s"'?#]*)[?#][^\s"']*`), "$1?..."},
	{regexp.MustCompile(`(\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^\s"'/@]+@`), "$1...@"},
	{regexp.MustCompile(`(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{6,}`), "$1 ..."},
	{regexp.MustCompile(`(?i)("?\b(?:access_token|refresh_token|id_token|client_secret|private_key|private_key_id|assertion|authorization|x-goog-signature|x-goog-credential|signature|upload_id|token)"?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|[^\s"'&,}]+)`), "$1..."},
	{regexp.MustCompile(`\bya29\.[\w-]+[\w.-]*`), "..."},
	{regexp.MustCompile(`\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*`), "..."},
	{regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)`), "..."},
}

// redact takes credentials out of a message.
func redact(text string) string {
	for _, s := range secrets {
		text = s.pattern.ReplaceAllString(text, s.instead)
	}
	return text
}
