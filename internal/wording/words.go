package wording

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"bevis/internal/i18n"
)

//go:embed words
var files embed.FS

// words is what is known of one language: the lists of words/LANGUAGE, compiled.
type words struct {
	plurals, inverted bool
	numbers           map[string]bool

	determiners, prepositions, instrument, pronouns, referring, auxiliaries, have, modals map[string]bool
	conjunctions, relatives, adverbs, weak, adjectives, agent, means, byRule, granted     map[string]bool
	standards, universal, alsoNouns, enforcing, making, recording, approving              map[string]bool
	before, intransitive, comparing, thingVerbs, negatives, conditions, every, causative  map[string]bool

	verbs map[string][]verbForm

	vagueNouns, emptyPhrases, actionNouns                      *list
	onDuty                                                     *list
	roles, titled, weakRoles, roleModifiers, emptyActors, body *list
	bodyMatters, tools, weakTools, products, capitals          *list
	notAgents, marked, generic, mute, departments, bodies      *list
	compounds                                                  []string
	lex                                                        *lexicon
	agents                                                     suffixes
	objects, records, lasting, tracePhrases, made              *list
	adverbCadence, periods, cadence, universalEvents           *list
	triggers, emptyTriggers                                    *list
	hedges                                                     []hedgeList
	better                                                     betterWords
	systems, data, access                                      *list
	domains                                                    []domain
}

type verbForm struct {
	base     string
	particle []string // what must follow: "up" of "follow up"
	class    class
	mood     mood
}

type class uint8

const (
	concrete class = iota
	light          // perform, hold: an action only together with a noun that names it
	keeping        // keep, maintain: an action only when a record is kept
	empty          // ensure, manage
	event          // leave, expire: seen in clauses that name a trigger
	helper         // is, has, must
)

type mood uint8

const (
	infinitive mood = iota
	present
	passive // Swedish -s
	past
	participle
	gerund
)

type hedgeList struct {
	kind, force, put string
	words            *list
}

type domain struct {
	words    *list
	sentence string
}

type betterWords struct {
	Places map[string]struct {
		Put     string `yaml:"put"`
		Example string `yaml:"example"`
	} `yaml:"places"`
	Joins   map[string]string   `yaml:"joins"`
	Instead map[string][]string `yaml:"instead"`
	Domains []struct {
		Words    []string `yaml:"words"`
		Sentence string   `yaml:"sentence"`
	} `yaml:"domains"`
}

// suffixes are endings of words.
type suffixes []string

func (l suffixes) ends(low string) bool {
	return slices.ContainsFunc(l, func(e string) bool { return strings.HasSuffix(low, e) && len(low) > len(e)+2 })
}

// of is the language's words; English for a language that is none of ours.
func of(lang i18n.Lang) *words { return compiled()[i18n.Parse(string(lang))] }

var compiled = sync.OnceValue(func() map[i18n.Lang]*words {
	out := map[i18n.Lang]*words{}
	for _, lang := range i18n.Languages {
		out[lang] = compile("words/" + string(lang) + "/")
	}
	return out
})

// parse reads an embedded file; a fault in one is a fault of the build.
func parse(name string, into any) {
	raw, err := files.ReadFile(name)
	if err == nil {
		err = yaml.UnmarshalWithOptions(raw, into, yaml.Strict())
	}
	if err != nil {
		panic(fmt.Sprintf("wording: %s: %v", name, err))
	}
}

func set(groups ...[]string) map[string]bool {
	out := map[string]bool{}
	for _, g := range groups {
		for _, s := range g {
			out[s] = true
		}
	}
	return out
}

func compile(dir string) *words {
	var g grammarFile
	parse(dir+"grammar.yaml", &g)
	w := &words{
		plurals: g.Plurals, inverted: g.Inverted, numbers: set(g.Numbers),
		determiners: set(g.Determiners), prepositions: set(g.Prepositions), instrument: set(g.Instrument),
		pronouns: set(g.Pronouns), referring: set(g.Referring), auxiliaries: set(g.Auxiliaries), have: set(g.Have),
		modals: set(g.Modals), conjunctions: set(g.Conjunctions), relatives: set(g.Relatives), adverbs: set(g.Adverbs),
		weak: set(g.Weak), adjectives: set(g.Adjectives), agent: set(g.Agent), means: set(g.Means), byRule: set(g.ByRule),
		granted: set(g.Granted), verbs: map[string][]verbForm{},
		negatives: set(g.Negatives), conditions: set(g.Conditions), every: set(g.Every), before: set(g.Before), causative: set(g.Causative),
	}
	w.lex = newLexicon(g.Endings)
	made := func(lines []string) *list { return w.lex.list(lines, nil, true) }
	plain := func(lines []string) *list { return w.lex.list(lines, nil, false) }
	w.vagueNouns = made(g.VagueNouns)
	w.readVerbs(dir, made)
	w.readActors(dir, made, plain)
	w.readCadence(dir)

	var o struct {
		Nouns   []string `yaml:"nouns"`
		Generic []string `yaml:"generic"`
	}
	parse(dir+"objects.yaml", &o)
	w.objects, w.generic = made(o.Nouns), made(o.Generic)

	var t struct {
		Records []string `yaml:"records"`
		Lasting []string `yaml:"lasting"`
		Phrases []string `yaml:"phrases"`
		Made    []string `yaml:"made"`
		Marked  []string `yaml:"marked"`
	}
	parse(dir+"traces.yaml", &t)
	w.marked = made(t.Marked)
	w.records, w.lasting, w.tracePhrases, w.made = made(t.Records), made(t.Lasting), made(t.Phrases), made(t.Made)

	var h struct {
		Hedges []struct {
			Kind  string   `yaml:"kind"`
			Force string   `yaml:"force"`
			Put   string   `yaml:"put"`
			Words []string `yaml:"words"`
		} `yaml:"hedges"`
	}
	parse(dir+"hedges.yaml", &h)
	for _, l := range h.Hedges {
		w.hedges = append(w.hedges, hedgeList{l.Kind, l.Force, l.Put, plain(l.Words)})
	}

	parse(dir+"better.yaml", &w.better)
	w.systems, w.data, w.access = made(w.better.Instead["systems"]), made(w.better.Instead["data"]), made(w.better.Instead["access"])
	for _, d := range w.better.Domains {
		w.domains = append(w.domains, domain{made(d.Words), d.Sentence})
	}
	w.lex.done()
	return w
}

type grammarFile struct {
	Determiners  []string `yaml:"determiners"`
	Prepositions []string `yaml:"prepositions"`
	Instrument   []string `yaml:"instrument"`
	Pronouns     []string `yaml:"pronouns"`
	Referring    []string `yaml:"referring"`
	Auxiliaries  []string `yaml:"auxiliaries"`
	Have         []string `yaml:"have"`
	Modals       []string `yaml:"modals"`
	Conjunctions []string `yaml:"conjunctions"`
	Relatives    []string `yaml:"relatives"`
	Adverbs      []string `yaml:"adverbs"`
	Weak         []string `yaml:"weak"`
	Adjectives   []string `yaml:"adjectives"`
	VagueNouns   []string `yaml:"vague_nouns"`
	Numbers      []string `yaml:"numbers"`
	Endings      []string `yaml:"endings"`
	Plurals      bool     `yaml:"plurals"`
	Inverted     bool     `yaml:"inverted"`
	Agent        []string `yaml:"agent"`
	Means        []string `yaml:"means"`
	ByRule       []string `yaml:"by_rule"`
	Granted      []string `yaml:"granted"`
	Negatives    []string `yaml:"negatives"`
	Conditions   []string `yaml:"conditions"`
	Every        []string `yaml:"every"`
	Before       []string `yaml:"before"`
	Causative    []string `yaml:"causative"`
}

func (w *words) readActors(dir string, made, plain func([]string) *list) {
	var a struct {
		Roles         []string `yaml:"roles"`
		OnDuty        []string `yaml:"on_duty"`
		Titled        []string `yaml:"titled"`
		WeakRoles     []string `yaml:"weak_roles"`
		RoleModifiers []string `yaml:"role_modifiers"`
		EmptyActors   []string `yaml:"empty_actors"`
		Body          []string `yaml:"body"`
		BodyMatters   []string `yaml:"body_matters"`
		Tools         []string `yaml:"tools"`
		WeakTools     []string `yaml:"weak_tools"`
		Agents        []string `yaml:"agents"`
		NotAgents     []string `yaml:"not_agents"`
		Mute          []string `yaml:"mute"`
		Departments   []string `yaml:"departments"`
		Bodies        []string `yaml:"bodies"`
	}
	parse(dir+"actors.yaml", &a)
	w.roles, w.titled, w.weakRoles, w.roleModifiers = made(a.Roles), made(a.Titled), made(a.WeakRoles), made(a.RoleModifiers)
	w.onDuty = plain(a.OnDuty)
	w.agents, w.notAgents, w.mute, w.departments, w.bodies = a.Agents, made(a.NotAgents), made(a.Mute), made(a.Departments), made(a.Bodies)
	w.emptyActors, w.body, w.bodyMatters = plain(a.EmptyActors), made(a.Body), made(a.BodyMatters)
	w.tools, w.weakTools = made(slices.Concat(a.Tools, a.WeakTools)), made(a.WeakTools)
	var p struct {
		Products []string `yaml:"products"`
		Capital  []string `yaml:"capital"`
		Standard []string `yaml:"standards"`
	}
	parse("words/products.yaml", &p)
	w.products, w.capitals, w.standards = made(p.Products), made(p.Capital), set(p.Standard)
}

func (w *words) readCadence(dir string) {
	var c struct {
		Classes         map[string][]string `yaml:"classes"`
		Patterns        []string            `yaml:"patterns"`
		Triggers        []string            `yaml:"triggers"`
		EmptyTriggers   []string            `yaml:"empty_triggers"`
		Compounds       []string            `yaml:"compounds"`
		Universal       []string            `yaml:"universal"`
		UniversalEvents []string            `yaml:"universal_events"`
	}
	parse(dir+"cadence.yaml", &c)
	classes := map[string]*list{}
	for name, l := range c.Classes {
		classes[name] = w.lex.list(l, nil, true)
	}
	w.adverbCadence, w.periods = classes["adverb"], classes["period"]
	w.compounds = c.Compounds
	w.cadence = w.lex.list(c.Patterns, classes, true)
	w.triggers, w.emptyTriggers = w.lex.list(c.Triggers, nil, false), w.lex.list(c.EmptyTriggers, nil, false)
	w.universal, w.universalEvents = set(c.Universal), w.lex.list(c.UniversalEvents, nil, true)
}

// key is the first word of a phrase and what follows it.
func key(phrase string) (string, []string) {
	f := strings.Fields(phrase)
	if len(f) == 0 {
		return "", nil
	}
	return f[0], f[1:]
}
