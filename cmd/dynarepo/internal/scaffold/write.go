package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/cmd/dynarepo/internal/attrs"
)

// Names are those of what is written.
type Names struct {
	Package string
	Type    string // "" for one made of the table's name
	Table   string // base name of the table
}

// Files are the model of a table: the source of its struct and Spec, and that of
// its typed attributes.
type Files struct {
	Type  string
	Model []byte
	Attrs []byte
}

const (
	sdk          = "github.com/aws/aws-sdk-go-v2/"
	pathTypes    = sdk + "service/dynamodb/types"
	pathNumbers  = sdk + "feature/dynamodb/attributevalue"
	pathDynarepo = "github.com/dynarepo/dynarepo/"
)

// Write returns the source of the model of a table.
func Write(t *Table, n Names) (*Files, error) {
	if n.Type == "" {
		n.Type = goName(singular(n.Table))
	}
	if n.Type == "" {
		return nil, errors.New("the table's name makes no Go name: give the type one")
	}
	f := &inferrer{taken: map[string]bool{n.Type + "Spec": true, attrs.VarName(n.Type): true}, keys: map[string]string{}, own: map[string]bool{}}
	for _, d := range t.Description.AttributeDefinitions {
		f.keys[*d.AttributeName] = string(d.AttributeType)
	}
	for _, k := range t.Description.KeySchema {
		f.own[*k.AttributeName] = true
	}
	top := newShape()
	for _, item := range t.Items {
		for attr, v := range item {
			top.field(attr).add(v)
		}
	}
	for attr := range f.keys {
		top.field(attr)
	}
	root := f.record(n.Type, top, len(t.Items), true)
	w := &writer{table: t, names: n, infer: f, top: top}
	model, err := w.model()
	if err != nil {
		return nil, err
	}
	list := flatten(root, "", "", "")
	out, err := attrs.Render(n.Package, n.Type, list, importsOf(func(yield func(string)) {
		for _, a := range list {
			yield(a.Type)
		}
	}))
	return &Files{Type: n.Type, Model: model, Attrs: out}, err
}

// flatten lists the attributes that a selector reaches.
func flatten(r *record, name, path, attr string) []attrs.Attr {
	var out []attrs.Attr
	for _, f := range r.fields {
		out = append(out, attrs.Attr{Name: name + f.name, Path: path + f.name, Type: f.typ, Attr: attr + f.attr})
		if f.record != nil && f.inside {
			out = append(out, flatten(f.record, name+f.name, path+f.name+".", attr+f.attr+".")...)
		}
	}
	return out
}

// importsOf returns the packages that types need.
func importsOf(each func(yield func(typ string))) map[string]string {
	imports := map[string]string{}
	each(func(typ string) {
		for prefix, path := range map[string]string{"time.": "time", "types.": pathTypes, "attributevalue.": pathNumbers} {
			if strings.HasPrefix(strings.TrimLeft(typ, "[]*"), prefix) || strings.Contains(typ, "]"+prefix) {
				imports[path] = ""
			}
		}
	})
	return imports
}

type writer struct {
	bytes.Buffer

	table *Table
	names Names
	infer *inferrer
	top   *shape
}

func (w *writer) printf(text string, args ...any) { fmt.Fprintf(w, text, args...) }

func (w *writer) model() ([]byte, error) {
	d := w.table.Description
	w.printf("package %s\n\n", w.names.Package)
	w.imports()
	w.printf("//go:generate go tool dynarepo attrs -type %s\n\n", w.names.Type)
	for i, r := range w.infer.records {
		w.record(r, i == 0)
	}
	w.printf("// %sSpec declares table %s.\nvar %[1]sSpec = repo.Spec{\nTable: %q,\n", w.names.Type, w.names.Table, w.names.Table)
	w.printf("Key: key.Spec{\n")
	hash, sort := w.parts(d.KeySchema)
	w.printf("Hash: %s,\n", hash)
	if sort != "" {
		w.printf("Range: %s,\n", sort)
	}
	w.printf("},\n")
	w.indexes()
	if w.table.TTL != "" {
		w.printf("TTL: repo.TTL{Attr: %q},\n", w.table.TTL)
	} else if w.table.TTLUnknown {
		w.printf("// Whether the table has a TTL may not be asked for.\n")
	}
	if onDemand(d) {
		w.printf("OnDemand: true,\n")
	} else if p := d.ProvisionedThroughput; p != nil && p.ReadCapacityUnits != nil && p.WriteCapacityUnits != nil {
		w.printf("Throughput: index.Throughput{Read: %d, Write: %d},\n", *p.ReadCapacityUnits, *p.WriteCapacityUnits)
	}
	w.printf("}\n")
	out, err := format.Source(w.Bytes())
	if err != nil {
		return nil, fmt.Errorf("what was written is no Go source: %w", err)
	}
	return out, nil
}

func onDemand(d *types.TableDescription) bool {
	return d.BillingModeSummary != nil && d.BillingModeSummary.BillingMode == types.BillingModePayPerRequest
}

func (w *writer) imports() {
	d := w.table.Description
	foreign := importsOf(func(yield func(string)) {
		for _, r := range w.infer.records {
			for _, f := range r.fields {
				yield(f.typ)
			}
		}
	})
	w.printf("import (\n")
	if _, ok := foreign["time"]; ok {
		w.printf("\"time\"\n\n")
	}
	for _, path := range []string{pathNumbers, pathTypes} {
		if _, ok := foreign[path]; ok {
			w.printf("%q\n", path)
		}
	}
	w.printf("\n")
	if len(d.GlobalSecondaryIndexes)+len(d.LocalSecondaryIndexes) > 0 || !onDemand(d) {
		w.printf("%q\n", pathDynarepo+"index")
	}
	w.printf("%q\n%q\n)\n\n", pathDynarepo+"key", pathDynarepo+"repo")
}

func (w *writer) record(r *record, top bool) {
	if top {
		from := "a sample of the items"
		if w.table.Whole {
			from = "all items"
		}
		w.printf("// %s is an item of table %s, made from %s (%d).\n", r.name, w.names.Table, from, len(w.table.Items))
	} else {
		w.printf("// %s is a map within an item.\n", r.name)
	}
	for _, note := range r.notes {
		w.printf("// Note: %s.\n", note)
	}
	w.printf("type %s struct {\n", r.name)
	for _, f := range r.fields {
		w.printf("%s %s `%s`", f.name, f.typ, f.tag)
		if len(f.notes) > 0 {
			w.printf(" // %s", strings.Join(f.notes, "; "))
		}
		w.printf("\n")
	}
	w.printf("}\n\n")
}

// parts returns the source of the key parts of a schema; "" for no sort key.
func (w *writer) parts(schema []types.KeySchemaElement) (hash, sort string) {
	var hashes, sorts []string
	for _, k := range schema {
		part := w.part(*k.AttributeName)
		if k.KeyType == types.KeyTypeHash {
			hashes = append(hashes, part)
		} else {
			sorts = append(sorts, part)
		}
	}
	return multi(hashes), multi(sorts)
}

func multi(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return "key.Multi(" + strings.Join(parts, ", ") + ")"
}

func (w *writer) part(attr string) string {
	constructor := "String"
	switch w.infer.keys[attr] {
	case "N":
		constructor = "Number"
		if w.top.fields[attr].numbers.goType() == "int64" {
			constructor = "Int"
		}
	case "B":
		constructor = "Binary"
	}
	return "key." + constructor + "(" + strconv.Quote(attr) + ")"
}

// indexes writes the indexes in the order of their names, since DynamoDB tells
// them in none.
func (w *writer) indexes() {
	d := w.table.Description
	lines := map[string]string{}
	for _, g := range d.GlobalSecondaryIndexes {
		hash, sort := w.parts(g.KeySchema)
		line := fmt.Sprintf("index.Global(%q, %s", *g.IndexName, hash)
		if sort != "" {
			line += ", " + sort
		}
		line += ")" + projection(g.Projection)
		if p := g.ProvisionedThroughput; !onDemand(d) && p != nil && p.ReadCapacityUnits != nil && *p.ReadCapacityUnits > 0 {
			line += fmt.Sprintf(".WithThroughput(%d, %d)", *p.ReadCapacityUnits, *p.WriteCapacityUnits)
		}
		lines[*g.IndexName] = line
	}
	for _, l := range d.LocalSecondaryIndexes {
		_, sort := w.parts(l.KeySchema)
		lines[*l.IndexName] = fmt.Sprintf("index.Local(%q, %s)", *l.IndexName, sort) + projection(l.Projection)
	}
	if len(lines) == 0 {
		return
	}
	w.printf("Indexes: []index.Spec{\n")
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		w.printf("%s,\n", lines[name])
	}
	w.printf("},\n")
}

func projection(p *types.Projection) string {
	if p == nil {
		return ""
	}
	switch p.ProjectionType {
	case types.ProjectionTypeKeysOnly:
		return ".KeysOnly()"
	case types.ProjectionTypeInclude:
		var names []string
		for _, n := range slices.Sorted(slices.Values(p.NonKeyAttributes)) {
			names = append(names, strconv.Quote(n))
		}
		return ".Include(" + strings.Join(names, ", ") + ")"
	default:
		return ""
	}
}
