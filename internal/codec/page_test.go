package codec_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/fields"
)

func codecFor(tb testing.TB, t reflect.Type, opts ...func(*codec.Options)) *codec.Codec {
	tb.Helper()
	p, err := fields.Of(t)
	require.NoError(tb, err)
	return codec.New(p, opts...)
}

func TestPageTakesArraysAndObjects(t *testing.T) {
	t.Parallel()
	data, want := entityPage(t, 30)
	c := codecOf[entity](t)
	p := c.NewPage()
	n, err := p.Array(append(data, " rest"...), 0)
	require.NoError(t, err)
	assert.Equal(t, len(data), n)
	assert.Equal(t, want, p.Slice().Interface())

	n, err = p.Object(data[1:])
	require.NoError(t, err)
	assert.Equal(t, byte(','), data[1+n])
	assert.Equal(t, append(want[:30:30], want[0]), p.Slice().Interface())

	_, err = p.Array([]byte(`[{"pk":{"S":"x"}},{"pk":{"N":[]}}]`), 2)
	require.ErrorIs(t, err, codec.ErrSyntax)
	assert.Equal(t, 31, p.Len(), "a page that fails adds nothing")

	taken := p.Take().Interface().([]entity)
	assert.Zero(t, p.Len())
	n, err = p.Array([]byte("[ ]"), 5)
	require.NoError(t, err)
	assert.Equal(t, 3, n)
	assert.Zero(t, p.Len())
	_, err = p.Array(data, math.MaxInt)
	require.NoError(t, err, "a hint that is absurd only sizes memory, within the length of the data")
	assert.LessOrEqual(t, p.Slice().Cap(), len(data)/8)
	p.Reset()
	_, err = p.Array([]byte(`[{"name":{"S":"x"}}]`), 1)
	require.NoError(t, err)
	assert.Equal(t, []entity{{Name: "x"}}, p.Slice().Interface(), "no trace of the item that was there before")
	p.Reuse(p.Take())
	assert.Zero(t, p.Len())
	_, err = p.Array([]byte(`[{"pk":{"S":"x"}}]`), 1)
	require.NoError(t, err)
	assert.Equal(t, []entity{{PK: "x"}}, p.Slice().Interface(), "nor in memory that is used again")
	p.Release()
	assert.Equal(t, append(want[:30:30], want[0]), taken)
}

// What is decoded does not change with the body's memory or with later pages.
func TestItemsShareNoMemoryWithTheBody(t *testing.T) {
	t.Parallel()
	data, want := entityPage(t, 50)
	c := codecOf[entity](t)
	p := c.NewPage()
	defer p.Release()
	_, err := p.Array(data, 50)
	require.NoError(t, err)
	first := p.Take().Interface().([]entity)
	other, _ := entityPage(t, 7)
	clear(data)
	_, err = p.Array(other, 0)
	require.NoError(t, err)
	assert.Equal(t, want, first)
}

// Keeping one string, or one list, of an item keeps the chunk it is cut from,
// not the page.
func TestKeepingOneStringKeepsNoPage(t *testing.T) {
	const pages = 8
	data, _ := entityPage(t, 2000)
	c := codecOf[entity](t)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var keys [pages]string
	var tags [pages][]string
	before := heap()
	for i := range pages {
		p := c.NewPage()
		_, err := p.Array(data, 2000)
		require.NoError(t, err)
		items := p.Take().Interface().([]entity)
		keys[i], tags[i] = items[1000].SK, items[1000].Tags
		p.Release()
	}
	kept := int64(heap()) - int64(before)
	assert.Less(t, kept, int64(pages*40<<10), "%d bytes are kept by one string and one list of each of %d pages of %d bytes", kept, pages, len(data))
	runtime.KeepAlive(keys)
	runtime.KeepAlive(tags)
}

func TestPlainAllocGivesTheSameItems(t *testing.T) {
	t.Parallel()
	data, want := entityPage(t, 20)
	p := codecOf[entity](t, func(o *codec.Options) { o.PlainAlloc = true }).NewPage()
	defer p.Release()
	_, err := p.Array(data, 0)
	require.NoError(t, err)
	assert.Equal(t, want, p.Slice().Interface())
}

func TestAllocations(t *testing.T) {
	data, _ := entityPage(t, 1000)
	e := entityOf(5)
	v := reflect.ValueOf(&e).Elem()
	c := codecOf[entity](t)
	item, err := c.Encode(v)
	require.NoError(t, err)
	text, err := c.AppendItem(nil, v)
	require.NoError(t, err)
	p := c.NewPage()
	defer p.Release()
	buf := make([]byte, 0, 1024)
	checked := codecOf[entity](t, func(o *codec.Options) {
		o.Watch = []string{"pk", "gone"}
		o.Check = func(_ reflect.Value, seen codec.Seen) error {
			if seen.Scalar(0).Kind != 'S' || seen.Scalar(1).Kind != 0 || !seen.Has("sk") {
				return errors.New("not seen")
			}
			return nil
		}
	})
	q := checked.NewPage()
	defer q.Release()
	page := func(p *codec.Page) func() {
		return func() {
			p.Reset()
			if _, err := p.Array(data, 1000); err != nil {
				panic(err)
			}
		}
	}
	var into entity
	for name, test := range map[string]struct {
		max float64
		run func()
	}{
		"page of 1000":          {1300, page(p)},
		"page of 1000, checked": {1300, page(q)},
		"append":                {0, func() { buf, _ = c.AppendItem(buf[:0], v) }},
		"encode":                {46, func() { _, _ = c.Encode(v) }},
		"decode values":         {4 + poolDrops, func() { _ = c.Decode(item, reflect.ValueOf(&into).Elem()) }},
		"decode item":           {3 + poolDrops, func() { _ = c.DecodeItem(text, reflect.ValueOf(&into).Elem()) }},
	} {
		assert.LessOrEqual(t, testing.AllocsPerRun(20, test.run), test.max, name)
	}
}

func TestCheckSeesWatchedAttributes(t *testing.T) {
	t.Parallel()
	type item struct {
		A    string `dynamodbav:"a"`
		B    int    `dynamodbav:"b"`
		Self []item `dynamodbav:"self"`
	}
	var calls []string
	errRefused := errors.New("refused")
	c := codecOf[item](t, func(o *codec.Options) {
		o.Watch = []string{"id", "b", "bin", "list", "none"}
		o.Check = func(v reflect.Value, seen codec.Seen) error {
			got := []string{v.Addr().Interface().(*item).A + ":"}
			for i := range 5 {
				s := seen.Scalar(i)
				got = append(got, strings.ReplaceAll(string(rune(s.Kind)), "\x00", "-")+string(s.Data))
			}
			for _, name := range []string{"a", "b", "id", "none", "unknown"} {
				if seen.Has(name) {
					got = append(got, "+"+name)
				}
			}
			calls = append(calls, strings.Join(got, " "))
			if v.Field(0).String() == "bad" {
				return errRefused
			}
			return nil
		}
	})
	text := `{"id":{"S":"a|\n1"},"b":{"N":"7"},"list":{"L":[{"S":"x"}]},"bin":{"B":"eHl6"},"a":{"S":"A"},"self":{"L":[{"M":{"b":{"N":"9"}}}]}}`
	want := "A: Sa|\n1 N7 Bxyz ? - +a +b +id"
	p := c.NewPage()
	defer p.Release()
	for range 2 { // the second time in the order that was learnt
		_, err := p.Array([]byte("["+text+"]"), 1)
		require.NoError(t, err)
		assert.Equal(t, item{A: "A", B: 7, Self: []item{{B: 9}}}, p.Slice().Index(0).Interface())
	}
	attrs, err := parseItem([]byte(text))
	require.NoError(t, err)
	var got item
	require.NoError(t, c.Decode(attrs, reflect.ValueOf(&got).Elem()))
	assert.Equal(t, []string{want, want, want}, calls)

	_, err = p.Array([]byte(`[{"a":{"S":"fine"}},{"a":{"S":"bad"}}]`), 2)
	assert.Same(t, errRefused, err)
	assert.Equal(t, 2, p.Len(), "the page is as it was")
	assert.Equal(t, "fine: - - - - - +a", calls[3])
	require.ErrorIs(t, c.Decode(map[string]types.AttributeValue{"a": &types.AttributeValueMemberS{Value: "bad"}}, reflect.ValueOf(&got).Elem()), errRefused)
	assert.Equal(t, item{}, got)
}

// An item whose type stores itself.
type own struct{ Parts []string }

func (o own) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
		"joined": &types.AttributeValueMemberS{Value: strings.Join(o.Parts, "+")},
	}}, nil
}

func (o *own) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	s := av.(*types.AttributeValueMemberM).Value["joined"].(*types.AttributeValueMemberS)
	o.Parts = strings.Split(s.Value, "+")
	return nil
}

func TestItemsThatStoreThemselves(t *testing.T) {
	t.Parallel()
	var watched string
	c := codecOf[own](t, func(o *codec.Options) {
		o.Watch = []string{"joined"}
		o.Check = func(_ reflect.Value, seen codec.Seen) error {
			watched = string(seen.Scalar(0).Data)
			return nil
		}
	})
	in := own{[]string{"a", "b"}}
	text, err := c.AppendItem(nil, reflect.ValueOf(in))
	require.NoError(t, err)
	assert.Equal(t, `{"joined":{"S":"a+b"}}`, string(text))
	var out own
	require.NoError(t, c.DecodeItem(text, reflect.ValueOf(&out).Elem()))
	assert.Equal(t, in, out)
	assert.Equal(t, "a+b", watched)
}

func TestAppendItemEdits(t *testing.T) {
	t.Parallel()
	type item struct{ A, B, C string }
	c := codecOf[item](t)
	text := func(edits ...codec.Attribute) string {
		text, err := c.AppendItem(nil, reflect.ValueOf(item{"a", "b", "c"}), edits...)
		require.NoError(t, err)
		return string(text)
	}
	x := &types.AttributeValueMemberN{Value: "1"}
	assert.Equal(t, `{"A":{"S":"a"},"C":{"S":"c"},"B":{"N":"1"},"x":{"N":"1"}}`, text(codec.Attribute{Name: "B", Value: x}, codec.Attribute{Name: "x", Value: x}))
	assert.Equal(t, `{"x":{"N":"1"}}`, text(codec.Attribute{Name: "x", Value: x}, codec.Attribute{Name: "A"}, codec.Attribute{Name: "B"}, codec.Attribute{Name: "C"}))
	assert.Equal(t, `{"A":{"S":"a"},"B":{"S":"b"},"C":{"S":"c"}}`, text(codec.Attribute{Name: "gone"}))

	joined, err := codecOf[own](t).AppendItem(nil, reflect.ValueOf(own{[]string{"a"}}), codec.Attribute{Name: "joined"}, codec.Attribute{Name: "x", Value: x})
	require.NoError(t, err)
	assert.Equal(t, `{"x":{"N":"1"}}`, string(joined))
}

type skippable struct {
	ID string `dynamodbav:"id"`
}

func TestPageSkips(t *testing.T) {
	t.Parallel()
	c := codecOf[skippable](t, func(o *codec.Options) {
		o.Check = func(v reflect.Value, _ codec.Seen) error {
			if v.Interface().(skippable).ID == "out" {
				return fmt.Errorf("not ours: %w", codec.ErrSkip)
			}
			return nil
		}
	})
	p := c.NewPage()
	_, err := p.Array([]byte(`[{"id":{"S":"out"}},{"id":{"S":"a"}},{"id":{"S":"out"}},{"id":{"S":"b"}}]`), 4)
	require.NoError(t, err)
	items := p.Take().Interface().([]skippable)
	require.Len(t, items, 2)
	assert.Equal(t, "a", items[0].ID)
	assert.Equal(t, "b", items[1].ID)
	_, err = p.Object([]byte(`{"id":{"S":"out"}}`))
	require.ErrorIs(t, err, codec.ErrSkip)
	assert.Zero(t, p.Len())
}
