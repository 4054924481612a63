package table

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/repo"
)

// Diff returns what makes the table that [Inspect] saw as the model declares
// it; live nil stands for no table. It sends nothing. A table that is as
// declared gives a plan that is [Plan.Empty].
//
// Global indexes that are not declared are dropped, after those that are
// missing were added: one index a request, as DynamoDB wants it. Where the table
// would have more than 20 of them meanwhile, so many are dropped before; until
// then their readers find neither. An index of another name is a drop and an add,
// and the texts say which two they are. Capacity that
// is not declared is left as it is, since it is often scaled from elsewhere,
// and so are the settings that a [Design] leaves open. TTL is as the models
// say, on or off. What was not looked at is left as it is.
func Diff(m Model, live *Description) Plan {
	d := newDiffer(m, live)
	if live == nil {
		in := createInput(m)
		d.step(toCreateTable, "", "create the table: "+describeTable(m), in)
		d.live = created(in)
	}
	d.keys()
	d.capacity()
	d.indexes()
	d.stream()
	d.ttl()
	d.protection()
	d.recovery()
	d.tags()
	return d.plan
}

func indexUnits(name string, t index.Throughput) types.GlobalSecondaryIndexUpdate {
	return types.GlobalSecondaryIndexUpdate{
		Update: &types.UpdateGlobalSecondaryIndexAction{IndexName: aws.String(name), ProvisionedThroughput: units(t)},
	}
}

type differ struct {
	model    Model
	spec     repo.Spec
	settings Settings
	live     *Description
	onDemand bool // at the step that comes next
	plan     Plan
}

func newDiffer(m Model, live *Description) *differ {
	return &differ{model: m, spec: m.Spec(), settings: settingsOf(m), live: live, onDemand: live != nil && live.OnDemand, plan: Plan{Table: m.Table(), db: m.DB()}}
}

func (d *differ) step(kind, idx, text string, input any) {
	d.plan.Steps = append(d.plan.Steps, Step{Kind: kind, Index: idx, Text: text, Input: input})
}

func (d *differ) update(kind, idx, text string, in *dynamodb.UpdateTableInput) {
	in.TableName = aws.String(d.plan.Table)
	d.step(kind, idx, text, in)
}

func (d *differ) obstacle(idx, text, instead string) {
	d.plan.Obstacles = append(d.plan.Obstacles, Obstacle{Index: idx, Text: text, Instead: instead})
}

// created describes the table that a request makes, which has no TTL and no
// recovery.
func created(in *dynamodb.CreateTableInput) *Description {
	t := &types.TableDescription{
		KeySchema: in.KeySchema, AttributeDefinitions: in.AttributeDefinitions,
		StreamSpecification: in.StreamSpecification, DeletionProtectionEnabled: in.DeletionProtectionEnabled,
		BillingModeSummary: &types.BillingModeSummary{BillingMode: in.BillingMode},
	}
	unit := func(p *types.ProvisionedThroughput) *types.ProvisionedThroughputDescription {
		if p == nil {
			return nil
		}
		return &types.ProvisionedThroughputDescription{ReadCapacityUnits: p.ReadCapacityUnits, WriteCapacityUnits: p.WriteCapacityUnits}
	}
	t.ProvisionedThroughput = unit(in.ProvisionedThroughput)
	for _, x := range in.LocalSecondaryIndexes {
		t.LocalSecondaryIndexes = append(t.LocalSecondaryIndexes, types.LocalSecondaryIndexDescription{
			IndexName: x.IndexName, KeySchema: x.KeySchema, Projection: x.Projection,
		})
	}
	for _, x := range in.GlobalSecondaryIndexes {
		t.GlobalSecondaryIndexes = append(t.GlobalSecondaryIndexes, types.GlobalSecondaryIndexDescription{
			IndexName: x.IndexName, KeySchema: x.KeySchema, Projection: x.Projection, ProvisionedThroughput: unit(x.ProvisionedThroughput),
		})
	}
	d := newDescription(t)
	d.TTL.Status, d.Recovery = types.TimeToLiveStatusDisabled, types.PointInTimeRecoveryStatusDisabled
	for _, tag := range in.Tags {
		if d.Tags == nil {
			d.Tags = map[string]string{}
		}
		d.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return d
}

// keys finds what only a new table can have: other keys, and attributes of
// another type.
func (d *differ) keys() {
	const copying = "create a table under another name and copy the items"
	if want := newKeys(keySchema(d.spec.Key)); !want.equal(d.live.Key) {
		d.obstacle("", fmt.Sprintf("the key is %s, and is declared as %s", d.live.Key, want), copying)
	}
	scalars := attributeTypes(keysOf(d.spec)...)
	for _, name := range slices.Sorted(maps.Keys(d.live.Types)) {
		if want, ok := scalars[name]; ok && want != d.live.Types[name] {
			d.obstacle("", fmt.Sprintf("key attribute %s is %s, and is declared as %s", name, d.live.Types[name], want), copying)
		}
	}
}

// capacity puts the billing mode and the units right.
func (d *differ) capacity() {
	switch want := onDemand(d.model); {
	case want && !d.live.OnDemand:
		d.perRequest()
	case !want && d.live.OnDemand:
		d.provision()
	case !want:
		d.units()
	}
}

// perRequest turns a table with capacity into one on demand.
func (d *differ) perRequest() {
	d.onDemand = true
	d.update(toSetBilling, "", "bill the table a request (on demand)", &dynamodb.UpdateTableInput{BillingMode: types.BillingModePayPerRequest})
}

// units sets the capacity that is declared.
func (d *differ) units() {
	if t := orElse(d.spec.Throughput, d.live.Throughput); t != d.live.Throughput {
		d.update(toSetThroughput, "", "provision "+unitsText(t)+", was "+unitsText(d.live.Throughput),
			&dynamodb.UpdateTableInput{ProvisionedThroughput: units(t)})
	}
	for _, idx := range d.spec.Indexes {
		x := d.live.index(idx.Name())
		if x == nil || x.Local {
			continue
		}
		if t := orElse(idx.Throughput(), x.Throughput); t != x.Throughput {
			d.update(toSetThroughput, x.Name, "provision "+unitsText(t)+" for index "+x.Name+", was "+unitsText(x.Throughput),
				&dynamodb.UpdateTableInput{GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{indexUnits(x.Name, t)}})
		}
	}
}

// provision turns a table on demand into one with capacity, which every global
// index needs at once.
func (d *differ) provision() {
	d.onDemand = false
	t := orElse(d.spec.Throughput, d.model.DB().Config().Throughput)
	in := &dynamodb.UpdateTableInput{BillingMode: types.BillingModeProvisioned, ProvisionedThroughput: units(t)}
	for _, x := range d.live.Indexes {
		if x.Local {
			continue
		}
		t := d.model.DB().Config().Throughput
		if idx := declared(d.spec, x.Name); idx != nil {
			t = orElse(idx.Throughput(), t)
		}
		if t != x.Throughput { // DynamoDB Local refuses what it remembers from before
			in.GlobalSecondaryIndexUpdates = append(in.GlobalSecondaryIndexUpdates, indexUnits(x.Name, t))
		}
	}
	d.update(toSetBilling, "", "provision "+unitsText(t)+" (was on demand)", in)
}

// indexes adds and drops global indexes, and finds what can't be changed.
func (d *differ) indexes() {
	var adds []index.Spec
	var drops []Index
	for _, idx := range d.spec.Indexes {
		if x := d.live.index(idx.Name()); x != nil {
			d.changed(idx, x)
			continue
		}
		if idx.IsLocal() {
			d.obstacle(idx.Name(), "local index "+idx.Name()+" is missing, and exists only from the creation of its table on",
				"declare a global index, or create a table under another name and copy the items")
			continue
		}
		adds = append(adds, idx)
	}
	global := 0
	for _, x := range d.live.Indexes {
		if !x.Local {
			global++
		}
		switch {
		case declared(d.spec, x.Name) != nil:
		case x.Local:
			d.obstacle(x.Name, "local index "+x.Name+" is not declared, and ends only with its table", "declare it, or leave it")
		case x.Status != types.IndexStatusDeleting:
			drops = append(drops, x)
		}
	}
	before := min(max(global+len(adds)-maxGlobalIndexes, 0), len(drops))
	for _, x := range drops[:before] {
		d.drop(x, adds)
	}
	for _, idx := range adds {
		d.add(idx, drops)
	}
	for _, x := range drops[before:] {
		d.drop(x, adds)
	}
}

// maxGlobalIndexes is how many global indexes a table may have.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const maxGlobalIndexes = 20

// renames reports whether a declared index is a live one by another name.
func (d *differ) renames(idx index.Spec, x Index) bool {
	return newKeys(keySchema(idx.Key(d.spec.Key))).equal(x.Key) &&
		projectionText(x.Projection, x.Included) == projectionText(idx.Projection(), idx.Included())
}

// add creates a global index. A table on demand gives it no capacity.
func (d *differ) add(idx index.Spec, drops []Index) {
	text := "create index " + indexText(d.spec, idx)
	if i := slices.IndexFunc(drops, func(x Index) bool { return d.renames(idx, x) }); i >= 0 {
		text += "; it is " + drops[i].Name + " under another name"
	}
	k := idx.Key(d.spec.Key)
	create := &types.CreateGlobalSecondaryIndexAction{IndexName: aws.String(idx.Name()), KeySchema: keySchema(k), Projection: projection(idx)}
	if !d.onDemand {
		create.ProvisionedThroughput = units(orElse(idx.Throughput(), d.model.DB().Config().Throughput))
	}
	d.update(toAddIndex, idx.Name(), text, &dynamodb.UpdateTableInput{
		AttributeDefinitions:        definitions(k, d.spec.Key),
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: create}},
	})
}

func (d *differ) drop(x Index, adds []index.Spec) {
	text := "drop index " + x.Name
	if i := slices.IndexFunc(adds, func(idx index.Spec) bool { return d.renames(idx, x) }); i >= 0 {
		text += "; it is declared as " + adds[i].Name()
	}
	d.update(toDropIndex, x.Name, text, &dynamodb.UpdateTableInput{
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String(x.Name)}}},
	})
}

// declared returns the declaration of an index, or nil.
func declared(spec repo.Spec, name string) *index.Spec {
	if i := slices.IndexFunc(spec.Indexes, func(idx index.Spec) bool { return idx.Name() == name }); i >= 0 {
		return &spec.Indexes[i]
	}
	return nil
}

// changed finds what differs between a declared index and the live one, none of
// which can be changed.
func (d *differ) changed(idx index.Spec, x *Index) {
	var differs []string
	if idx.IsLocal() != x.Local {
		differs = append(differs, "it is "+scope(x.Local)+", and is declared as "+scope(idx.IsLocal()))
	}
	if want := newKeys(keySchema(idx.Key(d.spec.Key))); !want.equal(x.Key) {
		differs = append(differs, fmt.Sprintf("its key is %s, and is declared as %s", x.Key, want))
	}
	if have, want := projectionText(x.Projection, x.Included), projectionText(idx.Projection(), idx.Included()); have != want {
		differs = append(differs, "it projects "+have+", and is declared with "+want)
	}
	if len(differs) == 0 {
		return
	}
	instead := "declare it under another name, move the readers there, and drop " + x.Name
	if x.Local {
		instead = "declare a global index under another name and move the readers there, or create a table under another name and copy the items"
	}
	d.obstacle(x.Name, "index "+x.Name+": "+strings.Join(differs, "; "), instead)
}

// stream turns the stream on or off. Its view is changed by ending one stream
// and beginning another.
func (d *differ) stream() {
	want := d.settings.Stream
	if want == "" || want == d.live.Stream || want == NoStream && d.live.Stream == "" {
		return
	}
	if d.live.Stream != "" {
		d.update(toSetStream, "", "end the stream of "+string(d.live.Stream)+", whose records can be read for 24 hours more",
			&dynamodb.UpdateTableInput{StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(false)}})
	}
	if want != NoStream {
		d.update(toSetStream, "", "begin a stream of "+string(want), &dynamodb.UpdateTableInput{StreamSpecification: streamSpecification(want)})
	}
}

// ttl turns TTL on or off. Its attribute is changed by turning it off and on.
func (d *differ) ttl() {
	have, want := d.live.TTL, d.spec.TTL.Attr
	on := have.Status == types.TimeToLiveStatusEnabled || have.Status == types.TimeToLiveStatusEnabling
	if have.Status == "" || on && have.Attr == want || !on && want == "" {
		return
	}
	if on {
		d.step(toSetTTL, "", "end TTL on "+have.Attr, ttlInput(d.plan.Table, have.Attr, false))
	}
	if want != "" {
		d.step(toSetTTL, "", "begin TTL on "+want, ttlInput(d.plan.Table, want, true))
	}
}

func (d *differ) protection() {
	want := d.settings.Protection
	if want == nil || d.live.Protected == *want {
		return
	}
	d.update(toSetProtection, "", "turn deletion protection "+onOff(*want), &dynamodb.UpdateTableInput{DeletionProtectionEnabled: want})
}

func (d *differ) recovery() {
	want := d.settings.Recovery
	if want == nil || d.live.Recovery == "" || (d.live.Recovery == types.PointInTimeRecoveryStatusEnabled) == *want {
		return
	}
	d.step(toSetRecovery, "", "turn point-in-time recovery "+onOff(*want), &dynamodb.UpdateContinuousBackupsInput{
		TableName:                        aws.String(d.plan.Table),
		PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: want},
	})
}

func (d *differ) tags() {
	if d.live.Tags == nil {
		return
	}
	missing := map[string]string{}
	for k, v := range d.settings.Tags {
		if have, ok := d.live.Tags[k]; !ok || have != v {
			missing[k] = v
		}
	}
	if len(missing) == 0 {
		return
	}
	names := slices.Sorted(maps.Keys(missing))
	d.step(toSetTags, "", "set the tags "+strings.Join(names, ", "), &dynamodb.TagResourceInput{Tags: tagList(missing)})
}

func (d *differ) untag(keys []string) {
	var names []string
	for _, k := range keys {
		if _, ok := d.live.Tags[k]; ok {
			names = append(names, k)
		}
	}
	if names != nil {
		d.step(toSetTags, "", "remove the tags "+strings.Join(names, ", "), &dynamodb.UntagResourceInput{TagKeys: names})
	}
}
