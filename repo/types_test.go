package repo_test

import (
	"cmp"
	"crypto/x509"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cond"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// A box holds a value of any type.
type box[V any] struct {
	ID string `dynamodbav:"id"`
	V  V      `dynamodbav:"v"`
}

// A sample is a value of a type, stored as a form: S, N, B, BOOL, L, M or a set.
type sample struct {
	form string
	// lost says that the SDK by itself loses the value: it is stored as its
	// marshaler says, which the SDK reads with its encoding marshalers.
	lost  bool
	check func(t *testing.T, s sample, db *repo.DB)
}

func of[V any](form string, v V) sample {
	return sample{form: form, check: func(t *testing.T, s sample, db *repo.DB) { roundTrips(t, s, db, v) }}
}

func lost[V any](form string, v V) sample {
	s := of(form, v)
	s.lost = true
	return s
}

// Types of others, and of programs like theirs.
type (
	weekday  int      // an enum with a name for each value
	severity string   // another, stored as it is
	hash     [4]byte  // an array with a text
	decimal  struct { // as shopspring's
		value *big.Int
		exp   int32
	}
	date    struct{ Year, Month, Day int } // as civil's
	mixture struct {
		Day  date           `dynamodbav:"day"`
		Addr netip.Addr     `dynamodbav:"addr"`
		IDs  []uuid.UUID    `dynamodbav:"ids"`
		By   map[weekday]ip `dynamodbav:"by"`
	}
	ip = net.IP
)

func (d weekday) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "day %d", int(d)), nil }
func (d *weekday) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "day %d", (*int)(d))
	return err
}
func (s severity) MarshalText() ([]byte, error)  { return []byte("!" + s), nil }
func (s *severity) UnmarshalText(b []byte) error { *s = severity(b[1:]); return nil }
func (h hash) MarshalText() ([]byte, error)      { return fmt.Appendf(nil, "%x", h[:]), nil }
func (h *hash) UnmarshalText(b []byte) error {
	_, err := hex.Decode(h[:], b)
	return err
}

func (d decimal) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%de%d", d.value, d.exp), nil }

func (d *decimal) UnmarshalText(b []byte) error {
	d.value = new(big.Int)
	_, err := fmt.Sscanf(string(b), "%de%d", d.value, &d.exp)
	return err
}

func (d date) MarshalText() ([]byte, error) {
	return fmt.Appendf(nil, "%d-%d-%d", d.Year, d.Month, d.Day), nil
}

func (d *date) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "%d-%d-%d", &d.Year, &d.Month, &d.Day)
	return err
}

// TestTypesAsTheSDKStoresThem: rule J2. For each type an item that is stored
// here loads through attributevalue, one that attributevalue stored loads here,
// and a condition matches both.
func TestTypesAsTheSDKStoresThem(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	create[box[string]](t, db, repo.Spec{Table: "boxes", Key: key.Spec{Hash: key.String("id")}})
	id := uuid.MustParse("0d3e4c7a-4be0-4d1b-9d2c-5f6a7b8c9d0e")
	addr := netip.MustParseAddr("192.0.2.7")
	link, err := url.Parse("https://example.com/a?b=c")
	require.NoError(t, err)
	oid, err := x509.OIDFromInts([]uint64{1, 2, 3})
	require.NoError(t, err)
	var level slog.LevelVar
	level.Set(slog.LevelWarn)
	_, network, err := net.ParseCIDR("192.0.2.0/24")
	require.NoError(t, err)
	text := "text"
	samples := []sample{
		// by their kind
		of("S", "text"), of("BOOL", true), of("N", -7), of("N", int8(-8)), of("N", int16(3)), of("N", int32(4)), of("N", int64(5)),
		of("N", uint(6)), of("N", uint8(7)), of("N", uint16(8)), of("N", uint32(9)), of("N", uint64(1<<63)), of("N", float32(0.1)), of("N", 1e-9),
		of("S", &text), of("B", []byte("bytes")), of("B", [3]byte{1, 2, 3}), of("L", []string{"a"}), of("L", [2]int{1, 2}), of("BS", [][]byte{{1}}),
		of("M", map[string]int{"a": 1}), of("M", map[int]string{1: "a"}), of("S", any("x")),
		of("N", json.Number("12.5")), of("N", attributevalue.Number("3")), of("B", json.RawMessage(`{}`)),
		of("N", time.Minute), of("N", time.March), of("N", time.Friday), of("N", os.FileMode(0o644)), of("N", reflect.String), of("N", http.StateIdle),
		of("M", sql.NullString{String: "x", Valid: true}), of("M", sql.NullInt64{Int64: 1, Valid: true}), of("M", http.Header{"A": {"b"}}), of("M", *network),
		// by their kind, though they have a text
		of("B", id), of("M", uuid.NullUUID{UUID: id, Valid: true}), of("B", uuid.UUID{}), of("L", []uuid.UUID{id}), of("M", map[string]uuid.UUID{"a": id}), of("B", &id),
		of("N", slog.LevelWarn), of("B", net.IPv4(192, 0, 2, 1)), of("N", weekday(3)), of("L", []weekday{1, 2}), of("M", map[weekday]int{2: 1}),
		of("S", severity("high")), of("B", hash{1, 2, 3, 4}), of("M", date{2026, 1, 2}), of("N", x509.SHA256WithRSA),
		// by their text or binary, since the SDK loses them
		lost("S", addr), lost("S", netip.AddrPortFrom(addr, 80)), lost("S", netip.PrefixFrom(addr, 24)), lost("S", *big.NewInt(1 << 60)), lost("S", big.NewInt(-3)),
		lost("S", *big.NewRat(1, 3)), lost("S", new(big.Float).SetPrec(64).SetInt64(3)), lost("S", &level), lost("S", regexp.MustCompile("a+")), lost("B", *link), lost("B", link),
		lost("S", oid), lost("S", decimal{big.NewInt(1250), -2}), lost("L", []netip.Addr{addr}), lost("M", map[netip.Addr]netip.Addr{addr: addr}),
		lost("M", mixture{date{2026, 1, 2}, addr, []uuid.UUID{id}, map[weekday]ip{1: net.IPv4bcast}}),
	}
	require.GreaterOrEqual(t, len(samples), 50)
	for i, s := range samples {
		t.Run(fmt.Sprint(i), func(t *testing.T) { s.check(t, s, db) })
	}
}

// formOf returns the name of a stored form.
func formOf(av types.AttributeValue) string {
	name := reflect.TypeOf(av).Elem().Name()
	return name[len("AttributeValueMember"):]
}

func roundTrips[V any](t *testing.T, s sample, db *repo.DB, v V) {
	r, err := repo.New[box[V]](db, repo.Spec{Table: "boxes", Key: key.Spec{Hash: key.String("id")}})
	require.NoError(t, err)
	client := db.Client().(*dynamodb.Client)
	encoding, decoding := func(*attributevalue.EncoderOptions) {}, func(*attributevalue.DecoderOptions) {}
	if s.lost {
		encoding = func(o *attributevalue.EncoderOptions) { o.UseEncodingMarshalers = true }
		decoding = func(o *attributevalue.DecoderOptions) { o.UseEncodingUnmarshalers = true }
	}
	name := fmt.Sprintf("%T", v)
	ours, theirs := box[V]{name + " ours " + s.form, v}, box[V]{name + " theirs " + s.form, v}

	require.NoError(t, r.Put(t.Context(), &ours))
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(r.Table()), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: ours.ID}}})
	require.NoError(t, err)
	assert.Equal(t, s.form, formOf(out.Item["v"]), name)
	var back box[V]
	require.NoError(t, attributevalue.UnmarshalMapWithOptions(out.Item, &back, decoding), name)
	assert.Equal(t, ours, back, name)

	item, err := attributevalue.MarshalMapWithOptions(&theirs, encoding)
	require.NoError(t, err, name)
	if _, holds := any(v).(mixture); !holds { // encoding marshalers are for all of an item
		assert.Equal(t, out.Item["v"], item["v"], name)
	}
	item["v"] = cmp.Or(item["v"], out.Item["v"])
	_, err = client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(r.Table()), Item: item})
	require.NoError(t, err)
	loaded, err := r.Get(t.Context(), key.Of(theirs.ID))
	require.NoError(t, err, name)
	assert.Equal(t, theirs, loaded, name)

	if _, holds := any(v).(mixture); holds {
		return
	}
	id, field := cond.Field(func(b *box[V]) *string { return &b.ID }), cond.Field(func(b *box[V]) *V { return &b.V })
	n, err := r.Scan().Where(field.Eq(v), id.In(ours.ID, theirs.ID)).Count(t.Context())
	require.NoError(t, err, name)
	assert.Equal(t, 2, n, name)
}

// TestTextByTag: a field may be stored as its text, and text is read where the
// tag does not say so.
func TestTextByTag(t *testing.T) {
	t.Parallel()
	type labelled struct {
		ID   uuid.UUID          `dynamodbav:"id" dynarepo:"text"`
		Days []weekday          `dynamodbav:"days" dynarepo:"text"`
		Set  []weekday          `dynamodbav:"set,stringset"`
		Nums []weekday          `dynamodbav:"nums,numberset"`
		By   map[string]weekday `dynamodbav:"by" dynarepo:"text"`
		On   *weekday           `dynamodbav:"on,omitempty" dynarepo:"text"`
	}
	type plain struct {
		ID   string             `dynamodbav:"id"`
		Days []weekday          `dynamodbav:"days"`
		By   map[string]weekday `dynamodbav:"by"`
		On   weekday            `dynamodbav:"on"`
	}
	db, _ := open(t)
	spec := repo.Spec{Table: "labelled", Key: key.Spec{Hash: key.String("id")}}
	r := create[labelled](t, db, spec)
	day := weekday(5)
	item := labelled{uuid.New(), []weekday{1, 2}, []weekday{3}, []weekday{4}, map[string]weekday{"a": 1}, &day}
	require.NoError(t, r.Create(t.Context(), &item))
	got, err := r.Get(t.Context(), key.Of(item.ID))
	require.NoError(t, err)
	assert.Equal(t, item, got)
	days := cond.Field(func(l *labelled) *[]weekday { return &l.Days })
	on := cond.Field(func(l *labelled) **weekday { return &l.On })
	for _, c := range []cond.Cond[labelled]{
		days.Contains(weekday(2)), cond.Name[labelled]("days[0]").Eq(weekday(1)), cond.Name[labelled]("by.a").Eq(weekday(1)), on.Eq(&day),
		cond.Field(func(l *labelled) *[]weekday { return &l.Set }).Contains(weekday(3)),
		cond.Field(func(l *labelled) *[]weekday { return &l.Nums }).Contains(weekday(4)),
	} {
		n, err := r.Scan().Where(c).Count(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 1, n)
	}
	p, err := repo.New[plain](db, spec)
	require.NoError(t, err)
	old, err := p.Get(t.Context(), key.Of(item.ID.String()))
	require.NoError(t, err)
	assert.Equal(t, plain{item.ID.String(), item.Days, item.By, day}, old)

	type untold struct {
		ID uuid.UUID `dynamodbav:"id"`
	}
	_, err = repo.New[untold](db, spec)
	require.ErrorContains(t, err, "attribute id is declared as S, and field ID is stored as B; the tag `dynarepo:\"text\"` stores the text that its MarshalText gives")
}
