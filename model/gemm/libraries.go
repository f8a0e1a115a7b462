//go:build blas && (linux || darwin || freebsd)

package gemm

import (
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/ebitengine/purego"
)

// library says how a BLAS is found and made to work on the calling thread alone.
type library struct {
	title   string
	files   []string                       // by preference
	version func(handle uintptr) string    // empty if it does not tell
	single  func(handle uintptr) (ok bool) // sets the number of threads to 1
}

var libraries = map[string]library{
	OpenBLAS: {"OpenBLAS", []string{"libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "/opt/homebrew/opt/openblas/lib/libopenblas.dylib"},
		func(h uintptr) string { return field(text(h, "openblas_get_config"), 1) },
		func(h uintptr) bool { return setThreads(h, "openblas_set_num_threads") }},
	BLIS: {"BLIS", []string{"libblis.so.4", "libblis-mt.so.4", "libblis.so", "libblis.dylib"},
		func(h uintptr) string { return text(h, "bli_info_get_version_str") },
		func(h uintptr) bool { return setThreads(h, "bli_thread_set_num_threads") }},
	MKL: {"MKL", []string{"libmkl_rt.so.3", "libmkl_rt.so.2", "libmkl_rt.so.1", "libmkl_rt.so", "libmkl_rt.2.dylib"},
		func(uintptr) string { return "" },
		func(h uintptr) bool { return setThreads(h, "MKL_Set_Num_Threads") }},
}

var (
	opening sync.Mutex
	opened  = map[string]*backend{}
)

// open loads a library, once.
func open(name string) (*backend, error) {
	opening.Lock()
	defer opening.Unlock()
	if b := opened[name]; b != nil {
		return b, nil
	}
	l := libraries[name]
	var why error
	for _, file := range l.files {
		handle, err := purego.Dlopen(file, purego.RTLD_NOW|purego.RTLD_GLOBAL)
		if err != nil {
			if why == nil {
				why = err
			}
			continue
		}
		b, err := l.bind(handle, file)
		if err != nil {
			return nil, err
		}
		opened[name] = b
		return b, nil
	}
	return nil, fmt.Errorf("%s is not found: %w", l.title, why)
}

func (l library) bind(handle uintptr, file string) (*backend, error) {
	if _, err := purego.Dlsym(handle, "cblas_sgemm"); err != nil {
		return nil, fmt.Errorf("%s: %s has no cblas_sgemm: %w", l.title, file, err)
	}
	if !l.single(handle) {
		return nil, fmt.Errorf("%s: %s cannot be told to use one thread", l.title, file)
	}
	var f func(order, tA, tB, m, n, k int32, alpha float32, a *float32, lda int32, b *float32, ldb int32, beta float32, c *float32, ldc int32)
	purego.RegisterLibFunc(&f, handle, "cblas_sgemm")
	const rowMajor, asIs, transposed = 101, 111, 112
	order := map[bool]int32{false: asIs, true: transposed}
	return &backend{strings.Join(strings.Fields(l.title+" "+l.version(handle)+" ("+file+")"), " "),
		func(tA, tB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
			f(rowMajor, order[tA], order[tB], int32(m), int32(n), int32(k), alpha, &a[0], int32(lda), &b[0], int32(ldb), beta, &c[0], int32(ldc))
			runtime.KeepAlive(a)
			runtime.KeepAlive(b)
			runtime.KeepAlive(c)
		}}, nil
}

func setThreads(handle uintptr, symbol string) bool {
	if _, err := purego.Dlsym(handle, symbol); err != nil {
		return false
	}
	var set func(n int32)
	purego.RegisterLibFunc(&set, handle, symbol)
	set(1)
	return true
}

// text is what a function without arguments says, if it is there.
func text(handle uintptr, symbol string) string {
	if _, err := purego.Dlsym(handle, symbol); err != nil {
		return ""
	}
	var say func() string
	purego.RegisterLibFunc(&say, handle, symbol)
	return say()
}

// field is the i-th word of s, from 0, if there are so many.
func field(s string, i int) string {
	if words := strings.Fields(s); i < len(words) {
		return words[i]
	}
	return ""
}
