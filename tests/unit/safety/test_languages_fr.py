"""French, sentence by sentence and family by family: what is caught, what is masked, what is denied."""

import pytest
from attune_contracts.risk import RiskKind, RiskTier

from tests.unit.safety.language_expectations import at_least, at_most, is_kind

EXPLICIT = (
    "Je veux mourir",
    "j'ai envie de mourir",
    "jveux crever",
    "Je ne veux plus vivre",
    "je veux plus vivre",
    "jveux pu vivre",
    "J'ai plus envie de vivre",
    "je n'ai plus aucune envie de vivre",
    "Je veux me tuer",
    "je pense à me tuer tous les jours",
    "Je pense au suicide",
    "j'ai des idées suicidaires",
    "je pense à en finir",
    "je vais en finir",
    "J'ai envie de me foutre en l'air",
    "je veux me flinguer, pour de vrai",
    "j'aimerais être mort",
    "j'aimerais ne plus exister",
    "Je voudrais être morte",
    "je préférerais être morte",
    "La mort serait un soulagement",
    "je songe à mettre fin à mes jours",
    "je compte mettre fin à ma vie",
    "j'ai décidé de me suicider",
    "je ne mérite pas de vivre",
    "je mérite de crever",
    "j'en ai marre de vivre",
    "marre de vivre",
    "je suis fatiguée de vivre",
    "j'ai plus de raison de vivre",
    "je n'ai aucune raison de rester en vie",
    "ma vie ne vaut plus la peine d'être vécue",
    "le suicide c'est ma seule solution",
    "la seule solution c'est de mourir",
    "j'ai essayé de me tuer la semaine dernière",
    "je suis suicidaire",
    "j'ai des pensées de mort qui reviennent sans cesse",
    "j'espère mourir dans mon sommeil",
    "J'ai envie de sauter du pont",
    "tuez-moi s'il vous plaît, je souffre trop",
    "je n'arrive plus à vivre, je veux que ça se termine par la mort",
    "jpense au suicide h24",
    "j'arrête pas de penser à la mort, à ma mort",
    "je ne supporte plus de vivre",
    "je ne veux plus être en vie",
    "j'veux plus être là, j'veux mourir",
    "Si je pouvais mourir cette nuit ce serait parfait",
    "j'hésite à me suicider",
    "on devrait me laisser mourir",
)

IMMINENT = (
    "je vais me tuer ce soir",
    "Ce soir j'en finis",
    "demain je me suicide",
    "j'ai avalé toute la boîte de médicaments",
    "je viens de prendre tous mes cachets",
    "je suis sur le pont et je vais sauter",
    "je suis au bord du toit, adieu",
    "j'ai un couteau dans la main et je veux mourir",
    "les cachets sont devant moi, je vais en finir",
    "cette nuit je mets fin à mes jours, tout est prêt",
    "je me suicide maintenant",
)

PLAN = (
    "j'ai un plan pour me suicider",
    "j'ai choisi la date de ma mort",
    "je sais exactement comment je vais le faire, j'y pense la nuit",
    "je mets des médicaments de côté depuis des semaines",
    "j'ai cherché comment mourir sans souffrir",
    "c'est ma dernière nuit",
    "demain je ne serai plus là",
)

VEILED = (
    "je voudrais m'endormir et ne jamais me réveiller",
    "si seulement je pouvais ne pas me réveiller demain",
    "tout le monde serait mieux sans moi",
    "tlm serait mieux sans moi",
    "ma famille serait plus heureuse sans moi",
    "je suis un poids pour tout le monde",
    "jsuis un boulet pour mes parents",
    "je suis une charge pour ma famille",
    "je suis de trop ici",
    "personne ne remarquerait si je disparaissais",
    "si je disparaissais personne le verrait",
    "j'aurais jamais dû naître",
    "je voudrais n'être jamais née",
    "je veux disparaître",
    "j'ai juste envie que tout s'arrête",
    "je veux que ça s'arrête pour toujours",
    "à quoi bon continuer",
    "à quoi ça sert de vivre",
    "je vois pas d'avenir",
    "je ne vois plus d'issue",
    "il n'y a plus d'espoir pour moi",
    "plus rien ne me retient ici",
    "plus rien n'a de sens",
    "j'en peux plus de vivre comme ça",
    "je suis au bout du rouleau, j'ai plus la force de me battre",
    "vivre ou mourir ça m'est égal",
    "j'espère qu'une voiture va me renverser",
    "je ne ferai pas de vieux os",
    "je suis déjà morte à l'intérieur",
    "j'ai peur de moi-même ce soir",
    "j'ai peur de faire une bêtise",
    "j'ai envie de dormir pour toujours",
    "vous serez débarrassés de moi",
    "ils seraient soulagés si je n'étais plus là",
    "je rendrais service à tout le monde en partant",
    "j'attends juste que ça finisse",
    "je ne me projette plus, dans un an je ne serai pas là",
    "je regarde le vide depuis mon balcon et il m'appelle",
    "sans moi mes enfants auraient une meilleure vie",
    "je ne sers à rien, autant que je disparaisse",
    "le monde tournerait mieux sans moi",
    "je n'ai pas ma place dans ce monde",
    "je suis fatigué d'exister",
    "qui viendrait à mon enterrement de toute façon",
    "je baisse les bras, la vie n'est pas faite pour moi",
)

FAREWELL = (
    "adieu à tous, je vous aime",
    "ceci est mon dernier message",
    "j'ai écrit une lettre d'adieu à mes parents",
    "prenez soin de mon chat quand je ne serai plus là",
    "pardonnez-moi, je n'ai pas eu la force, adieu",
    "merci pour tout, je m'en vais pour toujours",
    "vous n'aurez plus à vous inquiéter pour moi",
    "j'ai donné toutes mes affaires, je n'en aurai plus besoin",
    "je vais rejoindre ma mère au ciel, bientôt",
)

SELF_HARM = (
    "je me scarifie",
    "je me coupe les bras quand ça va mal",
    "je me suis encore coupée hier soir",
    "jme suis scarifiée ce matin",
    "j'ai envie de me faire du mal",
    "je me fais du mal exprès",
    "je me brûle la peau pour ressentir quelque chose",
    "j'ai rechuté, je me suis coupé les cuisses",
)

OTHER = (
    "mon ami veut se suicider",
    "ma soeur dit qu'elle veut mourir",
    "mon pote m'a dit qu'il voulait en finir",
    "ma copine menace de se tuer si je la quitte",
    "mon frère ne veut plus vivre",
    "j'ai peur que ma mère fasse une bêtise",
    "ma meilleure amie se scarifie",
    "ma fille a laissé une lettre de suicide",
    "il m'a dit qu'il allait se foutre en l'air",
    "mon père parle de se pendre",
    "une amie m'a envoyé un message d'adieu et ne répond plus",
    "mon fils dit que la vie ne vaut pas la peine",
    "mon ex a pris plein de médicaments, il m'a appelée",
    "comment aider un ami suicidaire",
    "mon coloc a un plan pour se tuer",
    "je crois que ma cousine pense au suicide",
    "mon mari répète qu'il serait mieux mort",
    "elle a dit qu'elle voulait plus vivre, qu'est-ce que je fais ?",
)

HARM_BY_OTHER = (
    "mon mari me frappe",
    "mon copain m'a étranglée hier soir",
    "mon père me bat",
    "il a menacé de me tuer si je pars",
    "mon ex me suit partout et me menace",
    "j'ai été violée par mon cousin",
    "mon beau-père me touche la nuit",
    "je suis enfermée dans la salle de bain, il essaie de défoncer la porte",
    "il m'a pris mon téléphone et ne me laisse pas sortir",
    "j'ai peur de rentrer chez moi, il va encore me cogner",
    "ma mère me tape avec une ceinture",
    "il a posté mes photos intimes et il me fait chanter",
    "mes parents veulent me marier de force",
    "il m'a mis un coup de poing",
    "mon mec m'a donné des coups",
    "mon conjoint est violent avec moi",
)

MEDICAL = (
    "mon père s'est effondré et ne respire plus",
    "j'ai une douleur dans la poitrine et mon bras gauche est engourdi",
    "mon fils a bu de la javel",
    "elle fait un AVC, son visage est paralysé",
    "il fait une crise d'épilepsie qui ne s'arrête pas",
    "ma grand-mère est inconsciente",
    "je saigne énormément et ça s'arrête pas",
    "j'ai pris trop de médicaments par erreur",
    "sa gorge gonfle, il n'arrive plus à respirer",
    "mon bébé est tout bleu et ne bouge plus",
)

PAST_OR_DENIED = (
    "quand j'étais ado j'avais des idées suicidaires, maintenant ça va",
    "j'ai fait une tentative de suicide il y a dix ans, je vais bien aujourd'hui",
    "je ne veux pas mourir, je suis juste fatiguée",
    "j'ai pas envie de mourir, juste de dormir un peu",
    "je ne vais pas me suicider, ne t'inquiète pas",
    "je ne pense pas au suicide",
    "non je veux pas me tuer",
    "il y a cinq ans je voulais mourir",
)

ALGOSPEAK = (
    "jveux me 5uicider",
    "j'ai envie de me desvivre",
    "je veux mou.rir",
    "je ve mourrir",
    "jé envi de mourir",
    "g envie de mourir",
    "j ai plu envi de vivre",
    "jveux m'unalive",
    "je pense au sui cide",
    "je veux m o u r i r",
    "jve me tué",
    "je vais me suissider",
)

BENIGN = (
    "je suis mort de rire",
    "mdr je suis morte",
    "je meurs de faim",
    "on meurt de chaud ici",
    "j'ai cru mourir de honte",
    "je suis crevé ce soir",
    "je suis mort après cette journée",
    "il m'a tué avec sa blague",
    "tu me tues mdr",
    "cette série est mortelle",
    "c'est mortel ce concert",
    "j'ai tué le temps en regardant des vidéos",
    "ma batterie est morte",
    "ma mère va me tuer si je rentre tard",
    "mon prof va me tuer pour ce devoir",
    "je me tue à la tâche pour ce boulot",
    "je me tue à lui répéter de ranger sa chambre",
    "ça me tue qu'il ne réponde pas",
    "ce boulot me tue",
    "faut que je kill ce process",
    "tuer le boss final m'a pris deux heures",
    "je lis un roman où le héros se suicide",
    "j'ai un exposé sur Durkheim et le suicide",
    "le film parle d'une femme qui veut mourir",
    "aux infos ils ont parlé d'un attentat suicide",
    "la chanson dit je veux mourir sur scène",
    "c'est du suicide de sortir sans manteau",
    "j'en ai marre de ce boulot",
    "j'en ai marre de mes colocs",
    "je suis triste aujourd'hui",
    "je me sens seule depuis le déménagement",
    "j'ai pleuré toute la soirée à cause de lui",
    "on s'est séparés hier et j'ai mal",
    "je stresse pour mes partiels",
    "je suis épuisée par le bébé",
    "j'ai raté mon permis, je suis dégoûté",
    "mon grand-père est mort la semaine dernière, il me manque",
    "ma chienne est morte, je suis effondrée",
    "mon oncle est décédé d'un cancer",
    "j'ai eu mon bac !",
    "je veux plus vivre chez mes parents",
    "je ne veux plus vivre avec lui",
    "je veux vivre à Lyon",
    "j'ai envie de vivre",
    "j'ai peur de la mort",
    "j'ai peur de mourir dans l'avion",
    "j'ai pris un doliprane pour la tête",
    "est-ce que je peux prendre mes cachets avec du lait ?",
    "le médecin m'a prescrit des somnifères",
    "je vais en finir avec ce dossier ce soir",
    "je veux en finir avec les examens",
    "j'ai coupé mes cheveux",
    "je me suis coupé le doigt en cuisinant",
    "on a sauté du pont dans la rivière, trop bien",
    "je veux disparaître sous ma couette et regarder des séries",
    "je pars demain pour Cannes",
    "je pars en vacances pour toujours lol",
    "au revoir tout le monde, bon week-end",
    "je vais le faire demain, promis",
    "j'ai tout prévu pour l'anniversaire",
    "j'ai un plan pour les vacances",
    "je le ferai toute seule",
    "j'ai trop de travail",
    "il me suit sur insta",
    "tu m'as tué avec ce fou rire",
    "je suis au régime, je crève la dalle",
    "plutôt crever que manger des épinards",
    "je suis un peu nulle en maths",
    "je suis dans une impasse avec mon projet",
    "mon fils a sauté de joie",
    "je dois prendre trop de transports",
    "on a perdu le match, la mort",
    "à mort l'arbitre lol",
    "ça m'a tuée cette histoire",
    "il fait un froid mortel",
    "c'est à mourir de rire",
    "la deadline me tue",
    "je me suis foutu en l'air le dos au sport",
    "je me flingue les yeux sur l'écran",
    "je suis bien mieux sans lui",
    "elle est mieux sans moi depuis notre rupture",
)

CHECK_IN_AT_MOST = (
    "j'en peux plus",
    "je n'en peux plus de ce boulot",
    "jsuis au bout du rouleau avec les enfants",
    "j'ai plus la force de réviser",
    "je craque",
)


@pytest.mark.parametrize("text", EXPLICIT + PLAN + FAREWELL)
def test_an_explicit_statement_is_elevated(text: str) -> None:
    at_least(text, RiskTier.ELEVATED, "fr")


@pytest.mark.parametrize("text", IMMINENT)
def test_intent_with_time_means_or_an_act_is_imminent(text: str) -> None:
    at_least(text, RiskTier.IMMINENT, "fr")


@pytest.mark.parametrize("text", VEILED + ALGOSPEAK)
def test_a_veiled_or_disguised_statement_is_noticed(text: str) -> None:
    at_least(text, RiskTier.CHECK_IN, "fr")


@pytest.mark.parametrize("text", PAST_OR_DENIED)
def test_what_is_past_or_denied_asks_and_goes_no_higher(text: str) -> None:
    at_least(text, RiskTier.CHECK_IN, "fr")
    at_most(text, RiskTier.CHECK_IN, "fr")


@pytest.mark.parametrize("text", SELF_HARM)
def test_self_injury_is_elevated(text: str) -> None:
    at_least(text, RiskTier.ELEVATED, "fr")


@pytest.mark.parametrize("text", OTHER)
def test_another_person_at_risk_is_elevated_and_not_taken_for_the_writer(text: str) -> None:
    at_least(text, RiskTier.ELEVATED, "fr")
    is_kind(text, RiskKind.OTHER, "fr")


@pytest.mark.parametrize("text", HARM_BY_OTHER)
def test_violence_by_another_is_elevated(text: str) -> None:
    at_least(text, RiskTier.ELEVATED, "fr")
    is_kind(text, RiskKind.HARM_BY_OTHER, "fr")


@pytest.mark.parametrize("text", MEDICAL)
def test_a_medical_emergency_is_imminent(text: str) -> None:
    at_least(text, RiskTier.IMMINENT, "fr")
    is_kind(text, RiskKind.MEDICAL, "fr")


@pytest.mark.parametrize("text", BENIGN)
def test_idioms_stories_work_and_ordinary_days_are_quiet(text: str) -> None:
    at_most(text, RiskTier.NONE, "fr")


@pytest.mark.parametrize("text", CHECK_IN_AT_MOST)
def test_being_at_the_end_of_ones_tether_is_not_an_alarm(text: str) -> None:
    at_most(text, RiskTier.CHECK_IN, "fr")
