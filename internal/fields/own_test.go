package fields_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/fields"
)

// The tag dynarepo is as strict as that of the SDK, and its option is for times
// that are stored as text, in whatever holds them.
func TestTagOfOurOwn(t *testing.T) {
	t.Parallel()
	p, err := fields.Of(reflect.TypeFor[struct {
		T time.Time              `dynarepo:"sdktime"`
		P *time.Time             `dynarepo:"sdktime"`
		L []time.Time            `dynarepo:"sdktime"`
		M map[string][]time.Time `dynarepo:"sdktime"`
		S string                 `dynarepo:""`
	}]())
	require.NoError(t, err)
	for i, f := range p.Fields {
		assert.Equal(t, i < 4, f.Tag.SDKTime, f.Name)
		assert.Equal(t, i < 4, f.Tag.OfElem(f.Type).SDKTime, f.Name)
	}
	for name, test := range map[string]struct {
		typ  reflect.Type
		rule string
	}{
		"unknown": {reflect.TypeFor[struct {
			T time.Time `dynarepo:"sdktimes"`
		}](), `unknown option "sdktimes" of the tag dynarepo`},
		"twice": {reflect.TypeFor[struct {
			T time.Time `dynarepo:"sdktime,sdktime"`
		}](), `option "sdktime" of the tag dynarepo stands twice`},
		"no time": {reflect.TypeFor[struct {
			T string `dynarepo:"sdktime"`
		}](), "sdktime is for a time.Time that is stored as text"},
		"unix": {reflect.TypeFor[struct {
			T time.Time `dynamodbav:",unixtime" dynarepo:"sdktime"`
		}](), "sdktime is for a time.Time that is stored as text"},
	} {
		_, err := fields.Of(test.typ)
		var e *fields.Error
		require.ErrorAs(t, err, &e, name)
		assert.Equal(t, test.rule, e.Rule, name)
		assert.Equal(t, "T", e.Field, name)
	}
}
