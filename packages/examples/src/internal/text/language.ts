/**
 * The languages that `writeText` writes in: their most frequent words as they are, and what their other words are built of.
 *
 * @internal
 */
export interface Language {
  readonly code: string
  /** The most frequent words, in their order. */
  readonly common: ReadonlyArray<string>
  /** A rarer word is one to five of these, and an ending. */
  readonly syllables: ReadonlyArray<string>
  readonly endings: ReadonlyArray<string>
}

const words = (text: string): ReadonlyArray<string> => text.split(" ")

/** @internal */
export const languages: ReadonlyArray<Language> = [
  {
    code: "en",
    common: words(
      "the of and to a in that it is was he for on with his as I at be by not but from had are which this have they you were her she an we or been who one all there will no would when what if so my out up can their its"
    ),
    syllables: words(
      "a al be bri ca che col de dor el en fi for gra hal hem in ker la len lo ma mar mor ne no o per pla que ra ri ro sel sha ster ta ten thor tri un va ven wa wel wi"
    ),
    endings: words("b ck d ed er est gh ing k l ld le ly m n nd ness p r rd rs s st t th ty w y")
  },
  {
    code: "fr",
    common: words(
      "de la le et les des à un une en que qui il dans du est pour ne sur au se pas plus par avec ce elle je nous mais où été l’on c’est d’un qu’il même après déjà très être"
    ),
    syllables: words(
      "a an bé bou cha ché co cou dé du é fau gé ga in jou la lé lou ma mé mou né no ou pa pé plai pré ra ré sa sé sou ta té tou vé vi voi"
    ),
    endings: words("aire al ant ble ç ée er eur ez ïs ier ion ir ment œur que ré s té ure ôt")
  },
  {
    code: "de",
    common: words(
      "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei noch um über einen so zum war haben nur oder aber vor zur bis mehr durch man schon können müssen größer"
    ),
    syllables: words(
      "ab an auf be bau ber bur dä da ei ent er fah fü ge gro hau hö in kal kö lan le lü mei mö nach ober rau rü schei schlu se stra tei trä über un ver vor wa wei zu"
    ),
    endings: words("bar cht d e ein en end er g heit ich keit l lich ling m n rt sam schaft sch ß st t tz ung")
  },
  {
    code: "el",
    common: words(
      "και το να του η της με που την από για ο είναι στο τα δεν οι τον σε θα ένα των στην μια αυτό ή αλλά στη έχει όμως κάθε μας ως πολύ πριν όταν"
    ),
    syllables: words(
      "α αν βα γε γρα δη δι ε ελ θε θα κα κό λα λό μα μέ με νο νέ ξε ο πα πό ρα ρί σα σό στα τα τέ υ φι φό χα χρό ψυ ω"
    ),
    endings: words("α άς ες η ής ι ία ικό ίνω μα ον ος ός ου ού σης τα της ών")
  },
  {
    code: "ru",
    common: words(
      "и в не на я что он с как это по но они к у из за от так же вы мы его то все о бы для только было быть ещё уже когда если или её нет даже"
    ),
    syllables: words(
      "ба бе во вы го гра да де до за зе ка ко кра ла ле ли ло ма мо на не но о об па пе по пра при ра ре ро са се сло со та те то у хо це че"
    ),
    endings: words("ать ый ая ек ение ец и ий ия к л ла лся м на ник ность ной ом ость т ться ть х ы ь")
  }
]
