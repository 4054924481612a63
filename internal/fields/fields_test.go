package fields_test

import (
	"encoding/json"
	"math/big"
	"net/url"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/fields"
)

type audit struct {
	CreatedAt time.Time `dynamodbav:"created_at"`
	UpdatedAt time.Time `dynamodbav:"updated_at,unixtime"`
}

type Owner struct {
	Name string
	Age  int
}

type record struct {
	audit
	*Owner
	ID      string   `dynamodbav:"id"`
	Skipped chan int `dynamodbav:"-"`
	hidden  int
	Age     int64    `dynamodbav:",omitempty"`
	Tags    []string `dynamodbav:"tags,stringset,omitempty"`
	Next    *record  `dynamodbav:"next"`
}

func names(s *fields.Struct) (out []string) {
	for _, f := range s.Fields {
		out = append(out, f.Name)
	}
	return out
}

func TestOfListsAttributesInOrder(t *testing.T) {
	t.Parallel()
	s, err := fields.Of(reflect.TypeFor[record]())
	require.NoError(t, err)
	assert.Equal(t, []string{"created_at", "updated_at", "Name", "id", "Age", "tags", "next"}, names(s))
	assert.Equal(t, []int{4 + 1}, s.Field("Age").Index, "the shallow Age hides the embedded one")
	assert.Equal(t, "audit.CreatedAt", s.Field("created_at").Path)
	assert.Equal(t, fields.Tag{UnixTime: true}, s.Field("updated_at").Tag)
	assert.Equal(t, fields.Tag{StringSet: true, OmitEmpty: true}, s.Field("tags").Tag)
	assert.True(t, s.Field("tags").Tag.IsSet())
	assert.Nil(t, s.Field("age"), "names match exactly")
	assert.Zero(t, record{}.hidden)
}

func TestOfIsReadOnce(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	got := make([]*fields.Struct, 8)
	for i := range got {
		wg.Go(func() { got[i], _ = fields.Of(reflect.TypeFor[record]()) })
	}
	wg.Wait()
	for _, s := range got {
		assert.Same(t, got[0], s)
	}
}

func TestFieldReachesEmbeddedPointers(t *testing.T) {
	t.Parallel()
	s, err := fields.Of(reflect.TypeFor[record]())
	require.NoError(t, err)
	var r record
	v := reflect.ValueOf(&r).Elem()

	_, ok := s.Field("Name").Value(v)
	assert.False(t, ok, "the embedded pointer is nil")
	s.Field("Name").Alloc(v).SetString("ann")
	assert.Equal(t, &Owner{Name: "ann"}, r.Owner)
	got, ok := s.Field("Name").Value(v)
	require.True(t, ok)
	assert.Equal(t, "ann", got.String())
}

// The plan's names are the ones that attributevalue writes.
func TestNamesAreAttributevalues(t *testing.T) {
	t.Parallel()
	type Deep struct{ A, B string }
	type Left struct {
		Deep
		C string `dynamodbav:"c"`
	}
	type Right struct{ D string }
	type item struct {
		Left
		*Right
		A    string
		Kept string `dynamodbav:"B"`
		Last *int   `dynamodbav:",nullempty"`
	}
	m, err := attributevalue.MarshalMap(item{Right: &Right{}})
	require.NoError(t, err)
	s, err := fields.Of(reflect.TypeFor[item]())
	require.NoError(t, err)
	want := make([]string, 0, len(m))
	for name := range m {
		want = append(want, name)
	}
	assert.ElementsMatch(t, want, names(s))
}

type embeds struct{ time.Time }

type inner struct {
	Bad string `dynamodbav:"bad,omitemtpy"`
}

type self struct {
	Children []self           `dynamodbav:"children"`
	ByName   map[string]*self `dynamodbav:"by_name"`
	Bad      chan int         `dynamodbav:"bad"`
}

type unexportedTwin struct {
	ID string `dynamodbav:"id"`
	id string `dynamodbav:"id"` //nolint:unused // the fault under test
}

func TestOfRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		typ   reflect.Type
		field string
		rule  string
	}{
		"not a struct":   {reflect.TypeFor[string](), "", "want a struct"},
		"a pointer":      {reflect.TypeFor[*record](), "", "want a struct"},
		"unknown option": {reflect.TypeFor[inner](), "Bad", `unknown tag option "omitemtpy"`},
		"space in an option": {reflect.TypeFor[struct {
			A string `dynamodbav:"a, omitempty"`
		}](), "A", `unknown tag option " omitempty"`},
		"option twice": {reflect.TypeFor[struct {
			A string `dynamodbav:"a,omitempty,omitempty"`
		}](), "A", "stands twice"},
		"unexported and tagged": {reflect.TypeFor[unexportedTwin](), "id", "must be exported"},
		"name twice": {reflect.TypeFor[struct {
			A string `dynamodbav:"x"`
			B string `dynamodbav:"x"`
		}](), "B", `attribute "x" is also field A`},
		"omit and null": {reflect.TypeFor[struct {
			A string `dynamodbav:"a,omitempty,nullempty"`
		}](), "A", "exclude each other"},
		"omit and null elements": {reflect.TypeFor[struct {
			A []string `dynamodbav:"a,omitemptyelem,nullemptyelem"`
		}](), "A", "exclude each other"},
		"two kinds of set": {reflect.TypeFor[struct {
			A []string `dynamodbav:"a,stringset,numberset"`
		}](), "A", "one kind of set"},
		"set of a scalar": {reflect.TypeFor[struct {
			A string `dynamodbav:"a,stringset"`
		}](), "A", "a slice or an array"},
		"set of a map": {reflect.TypeFor[struct {
			A map[string]bool `dynamodbav:"a,stringset"`
		}](), "A", "a slice or an array"},
		"string set of numbers": {reflect.TypeFor[struct {
			A []int `dynamodbav:"a,stringset"`
		}](), "A", "can't hold int"},
		"number set of strings": {reflect.TypeFor[struct {
			A []string `dynamodbav:"a,numberset"`
		}](), "A", "can't hold string"},
		"number set of bytes": {reflect.TypeFor[struct {
			A []byte `dynamodbav:"a,numberset"`
		}](), "A", "can't hold uint8"},
		"binary set of structs": {reflect.TypeFor[struct {
			A []Owner `dynamodbav:"a,binaryset"`
		}](), "A", "can't hold fields_test.Owner"},
		"unixtime of a number": {reflect.TypeFor[struct {
			A int64 `dynamodbav:"a,unixtime"`
		}](), "A", "unixtime is for time.Time"},
		"a channel":          {reflect.TypeFor[struct{ A chan int }](), "A", "a chan can't be stored"},
		"a list of funcs":    {reflect.TypeFor[struct{ A []func() }](), "A", "a func can't be stored"},
		"a complex number":   {reflect.TypeFor[struct{ A *complex128 }](), "A", "a complex128 can't be stored"},
		"a map by struct":    {reflect.TypeFor[struct{ A map[Owner]int }](), "A", "the key of a map"},
		"an embedded time":   {reflect.TypeFor[embeds](), "Time", "an embedded time.Time would lose its value"},
		"an embedded *audit": {reflect.TypeFor[struct{ *audit }](), "audit", "must be to an exported type"},
		"in a nested struct": {reflect.TypeFor[struct{ A []map[string]*inner }](), "Bad", "fields_test.inner: field Bad: unknown tag option"},
		"in a cycle":         {reflect.TypeFor[struct{ S self }](), "Bad", "fields_test.self: field Bad: a chan"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := fields.Of(test.typ)
			assert.Nil(t, s)
			var fault *fields.Error
			require.ErrorAs(t, err, &fault)
			assert.Equal(t, test.field, fault.Field)
			assert.Contains(t, err.Error(), test.rule)
			assert.Contains(t, err.Error(), fault.Type.String())
		})
	}
}

func TestOfReportsEveryFault(t *testing.T) {
	t.Parallel()
	_, err := fields.Of(reflect.TypeFor[struct {
		A string `dynamodbav:"a,wrong"`
		B int    `dynamodbav:"b,unixtime"`
		C inner
	}]())
	var joined interface{ Unwrap() []error }
	require.ErrorAs(t, err, &joined)
	assert.Len(t, joined.Unwrap(), 3)
}

type (
	seconds time.Time
	tree    []tree
	loop    *loop
)

func TestOfTakesWhatIsStoredAsAWhole(t *testing.T) {
	t.Parallel()
	s, err := fields.Of(reflect.TypeFor[struct {
		Raw     types.AttributeValue
		Any     any      `dynamodbav:",stringset"`
		Big     *big.Int `dynamodbav:",omitempty"`
		Link    url.URL
		Due     *time.Time `dynamodbav:",unixtime"`
		Seconds seconds    `dynamodbav:",unixtime"`
		Unix    attributevalue.UnixTime
		Exact   []json.Number `dynamodbav:",numberset"`
		Bigs    []*big.Int    `dynamodbav:",stringset"`
		Blobs   [][4]byte     `dynamodbav:",binaryset"`
		Times   []time.Time   `dynamodbav:",stringset"`
		ByTime  map[time.Time]int
		ByID    map[int8]string
		Tree    tree
		Loop    loop
	}]())
	require.NoError(t, err)
	assert.Len(t, s.Fields, 15)
}
