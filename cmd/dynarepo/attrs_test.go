package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cmd/dynarepo/internal/attrs"
	"github.com/dynarepo/dynarepo/cmd/dynarepo/testdata/orders"
	"github.com/dynarepo/dynarepo/cmd/dynarepo/testdata/structs"
)

// TestAttrsAgree: init and attrs write the same of the same struct.
func TestAttrsAgree(t *testing.T) {
	t.Parallel()
	for dir, typ := range map[string]string{"orders": "Order", "sensors": "Sensor", "drafts": "Draft", "structs": "Person,account"} {
		var out, told bytes.Buffer
		require.NoError(t, run(t.Context(), []string{"attrs", "-check", "-type", typ, filepath.Join("testdata", dir)}, &out, &told))
		assert.Empty(t, out.String()+told.String())
	}
}

// TestAttrsResolve: the library takes each attribute for what the comment beside
// it says.
func TestAttrsResolve(t *testing.T) {
	t.Parallel()
	for file, all := range map[string]any{"orders/order": orders.OrderAttrs, "structs/person": structs.PersonAttrs} {
		source, err := os.ReadFile("testdata/" + file + "_attrs.go")
		require.NoError(t, err)
		v := reflect.ValueOf(all)
		for _, field := range v.Fields() {
			attr := field.Interface().(interface {
				Err() error
				Path() string
			})
			require.NoError(t, attr.Err())
			assert.Regexp(t, "(?m)// "+regexp.QuoteMeta(attr.Path())+"$", string(source))
		}
	}
}

// TestAttrs: attributes of embedded, nested, hidden and foreign fields, and what
// is told of a file that is missing, stale, and then written.
func TestAttrs(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("testdata", "tmp") //nolint:usetesting // it must be in the module, to import
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	source, err := os.ReadFile("testdata/structs/structs.go")
	require.NoError(t, err)
	call := func(source string, args ...string) error {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "structs.go"), []byte(source), 0o644))
		var out, told bytes.Buffer
		return run(t.Context(), append(append([]string{"attrs"}, args...), dir), &out, &told)
	}
	err = call(string(source), "-check", "-type", "Person")
	require.ErrorIs(t, err, attrs.ErrStale)
	require.ErrorContains(t, err, "there is no such file")
	require.NoError(t, call(string(source), "-type", "Person,account"))
	same(t, "testdata/structs", dir)
	require.NoError(t, call(string(source), "-check", "-type", "Person,account"))

	stale := strings.Replace(string(source), "Born    time.Time", "Birth   time.Time", 1)
	require.NotEqual(t, string(source), stale)
	err = call(stale, "-check", "-type", "Person")
	require.ErrorIs(t, err, attrs.ErrStale)
	assert.ErrorContains(t, err, "- Born cond.Attr[Person, time.Time] // born")
	assert.ErrorContains(t, err, "+ Birth cond.Attr[Person, time.Time] // born")
	require.NoError(t, call(stale, "-type", "Person"), "what is stale does not compile, and is mended all the same")
	require.NoError(t, call(stale, "-check", "-type", "Person"))

	for typ, want := range map[string]string{
		"Nobody": "has no type Nobody", "Box": "has type parameters", "Color": "no struct with attributes",
		"Stamp": "no struct with attributes", "Version": "is no type", "": errUsage.Error(),
	} {
		assert.ErrorContains(t, call(string(source), "-type", typ), want)
	}
	broken := strings.Replace(string(source), "Born    time.Time", "Born    time.Tyme", 1)
	assert.ErrorContains(t, call(broken, "-type", "Person"), "the type of field Born does not compile")
}
