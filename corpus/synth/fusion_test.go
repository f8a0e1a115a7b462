package synth

import (
	"errors"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoProductCanBeFused reads the package's source: a product of floats that
// is neither converted at once nor a factor itself may be fused with a sum, here
// or where the function is inlined, and then the corpus depends on the CPU.
func TestNoProductCanBeFused(t *testing.T) {
	fset := gotoken.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue)}
	// Imports are not followed: what comes from them has no type here and
	// counts as a float, which errs on the safe side.
	conf := types.Config{Importer: nowhere{}, Error: func(error) {}}
	conf.Check("synth", fset, files, info)
	products := 0
	for _, f := range files {
		products += checkProducts(t, fset, info, f)
	}
	if products < 50 {
		t.Errorf("saw %d products of floats: the check itself is broken", products)
	}
}

type nowhere struct{}

func (nowhere) Import(path string) (*types.Package, error) { return nil, errors.New("not followed") }

func checkProducts(t *testing.T, fset *gotoken.FileSet, info *types.Info, f *ast.File) (products int) {
	mayBeFloat := func(e ast.Expr) bool {
		tv, ok := info.Types[e]
		if !ok || tv.Type == nil {
			return true
		}
		if tv.Value != nil {
			return false // a constant is exact
		}
		b, ok := tv.Type.Underlying().(*types.Basic)
		return !ok || b.Kind() == types.Invalid || b.Info()&types.IsFloat != 0
	}
	var parents []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			parents = parents[:len(parents)-1]
			return true
		}
		switch e := n.(type) {
		case *ast.BinaryExpr:
			// A division by a constant power of two is compiled as a product.
			if (e.Op == gotoken.MUL || e.Op == gotoken.QUO && isConstant(info, e.Y)) && mayBeFloat(e) {
				products++
				if !rounded(parents) {
					t.Errorf("%s: product is not wrapped in float64()", fset.Position(e.Pos()))
				}
			}
		case *ast.AssignStmt:
			if e.Tok == gotoken.MUL_ASSIGN && mayBeFloat(e.Lhs[0]) {
				t.Errorf("%s: *= leaves a product that is not wrapped in float64()", fset.Position(e.Pos()))
			}
		}
		parents = append(parents, n)
		return true
	})
	return products
}

func isConstant(info *types.Info, e ast.Expr) bool { return info.Types[e].Value != nil }

// rounded says whether a product with these parents is converted, or a factor,
// divisor or dividend.
func rounded(parents []ast.Node) bool {
	for i := len(parents) - 1; i >= 0; i-- {
		switch p := parents[i].(type) {
		case *ast.ParenExpr:
			continue
		case *ast.BinaryExpr:
			return p.Op == gotoken.MUL || p.Op == gotoken.QUO
		case *ast.CallExpr:
			name, ok := p.Fun.(*ast.Ident)
			return ok && (name.Name == "float64" || name.Name == "int")
		}
		return false
	}
	return false
}
