package table

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

// A Design is a table as it should be: what the models in it declare together,
// and the settings that no model says. It is made by [Of], and immutable.
type Design struct {
	db       *repo.DB
	table    string
	spec     repo.Spec
	settings Settings
}

// Settings are what a table has beside what its models declare. The zero value
// of each field leaves the table as it is; aws.Bool makes the pointers.
type Settings struct {
	// Stream is what the records of the table's stream hold; NoStream is for no
	// stream.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
	Stream types.StreamViewType
	// Protection is the protection against deletion.
	Protection *bool
	// Recovery is the point-in-time recovery, which DynamoDB Local does not have.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
	Recovery *bool
	// Tags are the tags that the table has at least; nil asks for none. DynamoDB
	// Local does not have them.
	Tags map[string]string
}

// NoStream stands for no stream in [Settings].
const NoStream types.StreamViewType = "NONE"

// Of puts the models of one table together: keys of the same stored attributes,
// whatever they are made of, the indexes of all, each once, and what any of
// them says about capacity and TTL. It sends nothing.
//
// Errors: [ErrConflict], every conflict at once;
// [repo.ErrInvalid] for no model and for settings that do not exist.
func Of(settings Settings, models ...Model) (*Design, error) {
	if len(models) == 0 {
		return nil, &Error{Op: "Of", err: fmt.Errorf("%w: want a model", repo.ErrInvalid)}
	}
	first := models[0]
	d := &Design{db: first.DB(), table: first.Table(), spec: shape(first), settings: settings}
	d.settings.Tags = maps.Clone(settings.Tags)
	faults := []error{settings.check()}
	for _, m := range models[1:] {
		faults = append(faults, d.join(m)...)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, &Error{Op: "Of", Table: d.table, err: err}
	}
	return d, nil
}

// Designs puts models together by table, in the order in which the tables come
// first, without settings. Errors: those of [Of], of all tables, joined.
func Designs(models ...Model) ([]*Design, error) {
	var names []string
	tables := map[string][]Model{}
	for _, m := range models {
		if !slices.Contains(names, m.Table()) {
			names = append(names, m.Table())
		}
		tables[m.Table()] = append(tables[m.Table()], m)
	}
	var all []*Design
	var errs []error
	for _, name := range names {
		d, err := Of(Settings{}, tables[name]...)
		all, errs = append(all, d), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return all, nil
}

// DB returns the database of the first model.
func (d *Design) DB() *repo.DB { return d.db }

// Table returns the name of the table, namespace included.
func (d *Design) Table() string { return d.table }

// Spec returns the declaration of the table: Table, Key, Indexes, OnDemand,
// Throughput and the attribute of TTL, and nothing else. The parts of a key are
// those of the first model.
func (d *Design) Spec() repo.Spec {
	spec := d.spec
	spec.Indexes = slices.Clone(spec.Indexes)
	return spec
}

// Settings returns what Of was given.
func (d *Design) Settings() Settings {
	s := d.settings
	s.Tags = maps.Clone(s.Tags)
	return s
}

// settingsOf returns the settings of a design; a model has none.
func settingsOf(m Model) Settings {
	if d, ok := m.(*Design); ok {
		return d.settings
	}
	return Settings{}
}

// shape is what a model says of its table.
func shape(m Model) repo.Spec {
	spec := m.Spec()
	return repo.Spec{
		Table: spec.Table, Key: spec.Key, Indexes: slices.Clone(spec.Indexes),
		OnDemand: spec.OnDemand, Throughput: spec.Throughput, TTL: repo.TTL{Attr: spec.TTL.Attr},
	}
}

func (s Settings) check() error {
	if s.Stream != "" && s.Stream != NoStream && !slices.Contains(s.Stream.Values(), s.Stream) {
		return fmt.Errorf("%w: Settings.Stream: no such view", repo.ErrInvalid)
	}
	for k, v := range s.Tags {
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return fmt.Errorf("%w: Settings.Tags: text that is not UTF-8", repo.ErrInvalid)
		}
	}
	return nil
}

// A conflict is what a model declares otherwise than those before it.
type conflict struct{ table, model, what string }

// Error names the table, the model and what is declared in two ways.
func (c *conflict) Error() string {
	return fmt.Sprintf("%s: %s declares %s otherwise than the models before it", c.table, c.model, c.what)
}

// Unwrap returns [ErrConflict].
func (c *conflict) Unwrap() error { return ErrConflict }

// join adds a model to those that are in the design.
func (d *Design) join(m Model) []error {
	var errs []error
	clash := func(what string) {
		errs = append(errs, &conflict{d.table, fmt.Sprintf("%T", m), what})
	}
	if m.Table() != d.table {
		clash("the table's name")
		return errs
	}
	if m.DB().Client() != d.db.Client() {
		clash("the database")
	}
	mine, other := d.spec, shape(m)
	if !reflect.DeepEqual(keySchema(mine.Key), keySchema(other.Key)) {
		clash("the key")
	}
	scalars := attributeTypes(keysOf(mine)...)
	for name, t := range attributeTypes(keysOf(other)...) {
		if known, ok := scalars[name]; ok && known != t {
			clash("the type of attribute " + name)
		}
	}
	for _, idx := range other.Indexes {
		at := slices.IndexFunc(mine.Indexes, func(x index.Spec) bool { return x.Name() == idx.Name() })
		switch {
		case at < 0:
			d.spec.Indexes = append(d.spec.Indexes, idx)
		case !sameIndex(mine, mine.Indexes[at], other, idx):
			clash("index " + idx.Name())
		case idx.Throughput() == index.Throughput{}:
		case mine.Indexes[at].Throughput() == index.Throughput{}:
			d.spec.Indexes[at] = idx
		case mine.Indexes[at].Throughput() != idx.Throughput():
			clash("the throughput of index " + idx.Name())
		}
	}
	d.spec.OnDemand = mine.OnDemand || other.OnDemand
	switch {
	case mine.OnDemand != other.OnDemand && unbilled(mine, other) != index.Throughput{}:
		clash("the billing mode")
	case other.Throughput == index.Throughput{}:
	case mine.Throughput == index.Throughput{}:
		d.spec.Throughput = other.Throughput
	case mine.Throughput != other.Throughput:
		clash("the throughput")
	}
	switch {
	case other.TTL.Attr == "":
	case mine.TTL.Attr == "":
		d.spec.TTL = other.TTL
	case mine.TTL != other.TTL:
		clash("the TTL attribute")
	}
	return errs
}

// unbilled returns the units that the one of both that is not on demand
// declares.
func unbilled(a, b repo.Spec) index.Throughput {
	if a.OnDemand {
		return b.Throughput
	}
	return a.Throughput
}

// sameIndex compares all but the throughput.
func sameIndex(a repo.Spec, x index.Spec, b repo.Spec, y index.Spec) bool {
	return x.IsLocal() == y.IsLocal() && x.Projection() == y.Projection() &&
		slices.Equal(slices.Sorted(slices.Values(x.Included())), slices.Sorted(slices.Values(y.Included()))) &&
		reflect.DeepEqual(keySchema(x.Key(a.Key)), keySchema(y.Key(b.Key)))
}

// keysOf returns the keys of the table and of every index.
func keysOf(spec repo.Spec) []key.Spec {
	keys := []key.Spec{spec.Key}
	for _, idx := range spec.Indexes {
		keys = append(keys, idx.Key(spec.Key))
	}
	return keys
}
