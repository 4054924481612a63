package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/cmd/dynarepo/testdata/drafts"
	"github.com/dynarepo/dynarepo/cmd/dynarepo/testdata/orders"
	"github.com/dynarepo/dynarepo/cmd/dynarepo/testdata/sensors"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

var update = flag.Bool("update", false, "write the golden files")

func TestMain(m *testing.M) { enginetest.Main(m) }

type (
	item = map[string]types.AttributeValue
	s    = types.AttributeValueMemberS
	n    = types.AttributeValueMemberN
	b    = types.AttributeValueMemberB
	l    = types.AttributeValueMemberL
	m    = types.AttributeValueMemberM
	ss   = types.AttributeValueMemberSS
	ns   = types.AttributeValueMemberNS
	bs   = types.AttributeValueMemberBS
	null = types.AttributeValueMemberNULL
	yes  = types.AttributeValueMemberBOOL
)

func schema(parts ...string) (out []types.KeySchemaElement) {
	for i, name := range parts {
		out = append(out, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]})
	}
	return out
}

func attributes(byName map[string]types.ScalarAttributeType) (out []types.AttributeDefinition) {
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		out = append(out, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: byName[name]})
	}
	return out
}

func projected(p types.ProjectionType, names ...string) *types.Projection {
	return &types.Projection{ProjectionType: p, NonKeyAttributes: names}
}

// orderTable has every kind of index, a TTL, and items that agree on little.
var orderTable = &dynamodb.CreateTableInput{
	KeySchema: schema("pk", "position"),
	AttributeDefinitions: attributes(map[string]types.ScalarAttributeType{
		"pk": "S", "position": "N", "user_id": "S", "total": "N", "country": "S", "city": "S", "blob": "B",
	}),
	GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
		{IndexName: aws.String("user_idx"), KeySchema: schema("user_id", "total"), Projection: projected("INCLUDE", "tags", "note")},
		{IndexName: aws.String("place_idx"), Projection: projected("ALL"), KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("country"), KeyType: "HASH"},
			{AttributeName: aws.String("city"), KeyType: "HASH"},
			{AttributeName: aws.String("position"), KeyType: "RANGE"},
		}},
	},
	LocalSecondaryIndexes: []types.LocalSecondaryIndex{
		{IndexName: aws.String("blob_idx"), KeySchema: schema("pk", "blob"), Projection: projected("KEYS_ONLY")},
	},
	BillingMode: types.BillingModePayPerRequest,
}

func orderItems() (items []item) {
	for i := range 6 {
		o := item{
			"pk":         &s{Value: "model|" + strconv.Itoa(i%2)},
			"position":   &n{Value: strconv.Itoa(i)},
			"total":      &n{Value: strconv.Itoa(i) + ".25"},
			"created-at": &s{Value: fmt.Sprintf("2026-01-0%dT10:00:00Z", i+1)},
			"seenAt":     &s{Value: fmt.Sprintf("2026-01-0%dT10:00:00.000000000Z", i+1)},
			"localAt":    &s{Value: fmt.Sprintf("2026-01-0%dT10:00:00+02:00", i+1)},
			"exact":      &n{Value: "0.12345678901234567890123456789" + strconv.Itoa(i)},
			"tags":       &ss{Value: []string{"a", "b" + strconv.Itoa(i)}},
			"sizes":      &ns{Value: []string{"1", "2.5"}},
			"hashes":     &bs{Value: [][]byte{{1, byte(i)}}},
			"expires":    &n{Value: strconv.FormatInt(4_000_000_000+int64(i), 10)},
			"open":       &yes{Value: i%2 == 0},
			"address": &m{Value: item{
				"street": &s{Value: "Main " + strconv.Itoa(i)},
				"zip":    &s{Value: "0815"},
				"geo":    &m{Value: item{"lat": &n{Value: "1.5"}, "lon": &n{Value: "-2.5"}}},
			}},
			"lines": &l{Value: []types.AttributeValue{
				&m{Value: item{"sku": &s{Value: "x"}, "count": &n{Value: "2"}}},
				&m{Value: item{"sku": &s{Value: "y"}, "count": &n{Value: "3"}, "gift": &yes{Value: true}}},
			}},
			"by_day": &m{Value: item{"2026-01-0" + strconv.Itoa(i): &n{Value: "7"}, "day-" + strconv.Itoa(i): &n{Value: "8"}}},
			"mixed":  &s{Value: "text"},
			"any":    &l{Value: []types.AttributeValue{&s{Value: "a"}, &n{Value: "9007199254740993"}}},
			"id-":    &s{Value: "one"},
			"id_":    &s{Value: "two"},
			"note":   &s{Value: "hm"},
			"gone":   &null{Value: true},
			"empty":  &l{Value: []types.AttributeValue{}},
		}
		switch i {
		case 1:
			o["mixed"] = &n{Value: "12345678901234567890"}
			o["note"] = &null{Value: true}
		case 2:
			delete(o, "tags")
			delete(o, "open")
			delete(o, "created-at")
			delete(o, "address")
			o["zero"] = &n{Value: "0"}
		case 3:
			delete(o, "mixed")
			o["zero"] = &n{Value: "4"}
			o["user_id"] = &s{Value: "u1"}
		}
		if i > 0 {
			o["country"], o["city"] = &s{Value: "NO"}, &s{Value: "Bergen"}
		}
		items = append(items, o)
	}
	return items
}

// sensorTable has a binary key, provisioned capacity, and one item.
var sensorTable = &dynamodb.CreateTableInput{
	KeySchema:             schema("Serial"),
	AttributeDefinitions:  attributes(map[string]types.ScalarAttributeType{"Serial": "B", "Site": "S"}),
	ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(7), WriteCapacityUnits: aws.Int64(3)},
	GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
		IndexName: aws.String("bySite"), KeySchema: schema("Site"), Projection: projected("KEYS_ONLY"),
		ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(5), WriteCapacityUnits: aws.Int64(2)},
	}},
}

// draftTable has no items.
var draftTable = &dynamodb.CreateTableInput{
	KeySchema:            schema("id", "n"),
	AttributeDefinitions: attributes(map[string]types.ScalarAttributeType{"id": "S", "n": "N"}),
	BillingMode:          types.BillingModePayPerRequest,
}

// fill makes a table and its items with the SDK alone.
func fill(t *testing.T, client *dynamodb.Client, name, ttl string, in *dynamodb.CreateTableInput, items []item) {
	t.Helper()
	made := *in
	made.TableName = &name
	_, err := client.CreateTable(t.Context(), &made)
	require.NoError(t, err)
	if ttl != "" {
		_, err := client.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
			TableName: &name, TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &ttl, Enabled: aws.Bool(true)},
		})
		require.NoError(t, err)
	}
	for _, i := range items {
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: i})
		require.NoError(t, err)
	}
}

// TestInit: what init writes of a table that plain SDK code made is what the
// golden files have; they are compiled, agree with the table, and read each item
// and write it back as it was.
func TestInit(t *testing.T) {
	t.Parallel()
	client := enginetest.Client(t)
	cfg := &repo.Config{Namespace: enginetest.Namespace(t)}
	db, err := repo.NewDB(client, cfg)
	require.NoError(t, err)
	fill(t, client, db.TableName("orders"), "expires", orderTable, orderItems())
	fill(t, client, db.TableName("sensors"), "", sensorTable, []item{{"Serial": &b{Value: []byte{1}}, "Name": &s{Value: "door"}}})
	fill(t, client, db.TableName("drafts"), "", draftTable, nil)

	for name, check := range map[string]func(*testing.T){
		"orders":  func(t *testing.T) { roundTrip[orders.Order](t, db, client, orders.OrderSpec, 6) },
		"sensors": func(t *testing.T) { roundTrip[sensors.Sensor](t, db, client, sensors.SensorSpec, 1) },
		"drafts":  func(t *testing.T) { roundTrip[drafts.Draft](t, db, client, drafts.DraftSpec, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, golden := t.TempDir(), filepath.Join("testdata", name)
			if *update {
				dir = golden
			}
			var out, told bytes.Buffer
			args := []string{"init", "-endpoint", enginetest.Engine(t).Endpoint(), "-region", client.Options().Region, "-namespace", cfg.Namespace, "-dir", dir, "-package", name, "-force", name}
			require.NoError(t, run(t.Context(), args, &out, &told), told.String())
			same(t, golden, dir)
			check(t)
		})
	}
}

// same compares the Go files of two directories.
func same(t *testing.T, golden, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(golden, "*.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(dir, filepath.Base(file)))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got), file)
	}
}

// roundTrip loads every item and puts it, after which the table is as it was.
func roundTrip[T any](t *testing.T, db *repo.DB, client *dynamodb.Client, spec repo.Spec, count int) {
	t.Helper()
	r, err := repo.New[T](db, spec)
	require.NoError(t, err)
	live, err := table.Inspect(t.Context(), r)
	require.NoError(t, err)
	plan := table.Diff(r, live)
	assert.True(t, plan.Empty(), "what is declared is not what the table is: %v", plan)
	read := func() map[string]types.AttributeValue {
		all, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(db.TableName(spec.Table)), ConsistentRead: aws.Bool(true)})
		require.NoError(t, err)
		flat := map[string]types.AttributeValue{}
		for i, stored := range all.Items { // in the order of keys, which a put keeps
			for attr, v := range stored {
				flat[strconv.Itoa(i)+" "+attr] = sorted(v)
			}
		}
		return flat
	}
	before := read()
	loaded := 0
	for v, err := range r.Scan().All(t.Context()) {
		require.NoError(t, err)
		require.NoError(t, r.Put(t.Context(), &v))
		loaded++
	}
	assert.Equal(t, count, loaded)
	after := read()
	assert.Equal(t, slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
	for attr, v := range before {
		assert.Equal(t, v, after[attr], attr)
	}
}

// sorted is v with the elements of a set in order, since sets have none.
func sorted(v types.AttributeValue) types.AttributeValue {
	switch v := v.(type) {
	case *ss:
		slices.Sort(v.Value)
	case *ns:
		slices.Sort(v.Value)
	case *bs:
		slices.SortFunc(v.Value, bytes.Compare)
	}
	return v
}

// TestInitHolds: a sample ends at its bounds, nothing is overwritten unasked, and
// what is wrong is told before anything is written.
func TestInitHolds(t *testing.T) {
	t.Parallel()
	client := enginetest.Client(t)
	name := enginetest.Namespace(t) + "_orders"
	fill(t, client, name, "", orderTable, orderItems())
	at := []string{"init", "-endpoint", enginetest.Engine(t).Endpoint(), "-region", client.Options().Region, "-package", "p", "-type", "Order"}
	call := func(dir string, args ...string) (string, error) {
		var out, told bytes.Buffer
		err := run(context.Background(), slices.Concat(at, []string{"-dir", dir}, args), &out, &told)
		return told.String(), err
	}
	dir := t.TempDir()
	told, err := call(dir, "-units", "0.5", name)
	require.NoError(t, err)
	assert.Contains(t, told, "looked at 1 items with 0.5 read units")
	_, err = call(dir, name)
	require.ErrorContains(t, err, "-force overwrites it")
	told, err = call(dir, "-force", "-items", "3", name)
	require.NoError(t, err)
	assert.Contains(t, told, "looked at 3 items")
	source, err := os.ReadFile(filepath.Join(dir, "order.go"))
	require.NoError(t, err)
	assert.Contains(t, string(source), "made from a sample of the items (3)")

	for want, args := range map[string][]string{
		"describe table " + name + "x:":   {name + "x"},
		"no name of a Go type":            {"-type", "a-b", name},
		"no name of a Go package":         {"-package", "a-b", name},
		"-items and -units are 0 or more": {"-items", "-1", name},
		errUsage.Error():                  {},
		"want an http or https URL":       {"-endpoint", "::", name},
	} {
		empty := t.TempDir()
		_, err := call(empty, args...)
		assert.ErrorContains(t, err, want)
		left, err := os.ReadDir(empty)
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}
