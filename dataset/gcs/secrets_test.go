package gcs

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/option"
)

// canary is in everything that a message must not show.
const canary = "c4n4ry0123456789abcdef"

func TestRedact(t *testing.T) {
	for _, text := range []string{
		"Get \"https://storage.googleapis.com/b/o?X-Goog-Signature=" + canary + "&x=1\": EOF",
		"Post \"https://h/upload?uploadType=resumable&upload_id=" + canary + "\": connection reset",
		"https://user:" + canary + "@proxy.example:8080/path",
		"Authorization: Bearer " + canary,
		"authorization: Basic " + canary + "==",
		`{"access_token":"` + canary + `","expires_in":3599}`,
		`{"access_token": "ya29.` + canary + `", "id_token": "eyJhbGciOi` + canary + `.x.y"}`,
		"token=" + canary,
		"refresh_token=" + canary + "&grant_type=x",
		`"private_key": "-----BEGIN PRIVATE KEY-----\n` + canary + `\n-----END PRIVATE KEY-----\n"`,
		"-----BEGIN RSA PRIVATE KEY-----\n" + canary + "\n-----END RSA PRIVATE KEY-----",
		"-----BEGIN PRIVATE KEY-----\n" + canary,
		"expired: ya29." + canary + ".more",
	} {
		if got := redact(text); strings.Contains(got, canary) {
			t.Errorf("redact(%q) is %q", text, got)
		}
	}
	for _, text := range []string{
		"stat gs://bucket/folder/train/shard-00000-of-00004.arrow: storage: object doesn't exist",
		"dial tcp 127.0.0.1:9: connect: connection refused",
		"read gs://b/a: 3 bytes with CRC32C 0123abcd arrived, the object has 4 with 00000000",
	} {
		if got := redact(text); got != text {
			t.Errorf("redact(%q) is %q, want it as it was", text, got)
		}
	}
}

// spiller answers every request with credentials, in errors and in bodies.
type spiller struct{ status int }

func (s spiller) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.status == 0 {
		u := *r.URL
		u.RawQuery = url.Values{"X-Goog-Signature": {canary}}.Encode()
		return nil, &url.Error{Op: r.Method, URL: u.String(), Err: errors.New("proxy said: Authorization: Bearer " + canary)}
	}
	body := `{"error":{"code":` + http.StatusText(s.status) + `,"message":"Invalid Credentials: Bearer ` + canary + `"},"access_token":"` + canary + `"}`
	return &http.Response{StatusCode: s.status, Header: http.Header{"Www-Authenticate": {"Bearer " + canary}},
		Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func TestNoErrorHoldsCredentials(t *testing.T) {
	for _, status := range []int{0, 400, 401, 403, 404, 412, 429, 503} {
		ctx := context.Background()
		c, err := storage.NewClient(ctx, option.WithHTTPClient(&http.Client{Transport: spiller{status}}), storage.WithJSONReads())
		if err != nil {
			t.Fatal(err)
		}
		s := New(c, "b", "f", Options{Attempts: 2, Backoff: gax.Backoff{Initial: time.Millisecond, Max: time.Millisecond}, SpoolDir: t.TempDir()})
		_, errStat := s.Stat(ctx, "a")
		_, errRead := s.ReadFile(ctx, "a")
		_, errList := s.List(ctx, ".")
		f := &file{ctx: ctx, store: s, name: "a", object: s.bucket.Object("f/a"), size: 3}
		_, errBody := f.Read(make([]byte, 1))
		_, errAt := (&file{ctx: ctx, store: s, name: "a", object: s.bucket.Object("f/a"), size: 3}).ReadAt(make([]byte, 1), 0)
		w := &writer{ctx: ctx, store: s, name: "a"}
		if w.spool, err = spool(s.opt.SpoolDir); err != nil {
			t.Fatal(err)
		}
		for i, err := range []error{errStat, errRead, errList, errBody, errAt, w.Commit(), s.Remove(ctx, "a"), s.removeGeneration(ctx, "a", 1)} {
			if err == nil {
				if i == 7 && (status == 404 || status == 412) {
					continue // gone is gone
				}
				t.Errorf("status %d: operation %d succeeds", status, i)
			} else if strings.Contains(err.Error(), canary) {
				t.Errorf("status %d: operation %d: %v", status, i, err)
			}
		}
	}
}
