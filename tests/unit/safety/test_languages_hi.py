"""Hindi and Hinglish, sentence by sentence and family by family: what is caught, what is masked, what is denied."""

import pytest
from attune_contracts.risk import RiskKind, RiskTier

from tests.unit.safety.language_expectations import at_least, at_most, is_kind

EXPLICIT = (
    "मैं मरना चाहता हूँ",
    "मैं मर जाना चाहती हूँ",
    "मुझे अब और नहीं जीना",
    "जीना नहीं चाहती मैं",
    "मेरा जीने का मन नहीं करता",
    "जीने का मन ही नहीं है अब",
    "मुझे जीने की कोई वजह नहीं दिखती",
    "ज़िंदगी से थक गया हूँ, मर जाऊँ तो अच्छा",
    "मैं अपनी जान लेना चाहता हूँ",
    "मैं अपनी जान दे दूँगा",
    "मैं खुद को खत्म कर लूँगी",
    "मैं खुद को ख़त्म करना चाहता हूं",
    "खुदकुशी करने का मन कर रहा है",
    "मेरे मन में आत्महत्या के विचार आ रहे हैं",
    "आत्महत्या करना चाहता हूँ",
    "बार बार मरने का ख्याल आता है",
    "दिमाग में बस मरने के ख्याल चलते रहते हैं",
    "मैं अपनी ज़िंदगी खत्म करना चाहता हूँ",
    "सोचता हूँ कि मर ही जाऊँ",
    "काश मैं मर जाता",
    "हे भगवान मुझे उठा ले",
    "मुझे मौत चाहिए",
    "मर जाने का दिल करता है",
    "मैं जिंदा नहीं रहना चाहती",
    "अब जिया नहीं जाता, मौत आ जाए बस",
    "main marna chahta hu",
    "mujhe mar jana hai",
    "mai mrna chahti hu yaar",
    "ab jeena nahi chahta main",
    "jeene ka mann nahi karta",
    "mera jeene ka bilkul mann nahi hai",
    "mujhe nahi jeena ab",
    "mai ab aur jeena nhi chahti",
    "suicide karne ka mann karta hai",
    "mujhe suicide ke thoughts aa rahe hain",
    "khudkhushi karna chahta hu",
    "aatmhatya kar lungi main",
    "khud ko khatam karna chahta hoon",
    "apni jaan lene ka socha hai maine",
    "apni jaan de dunga",
    "sab khatam karna hai, khud ko bhi",
    "mar jaun to sabko sukoon mile",
    "kaash main mar jaati",
    "bas mar jana chahti hun",
    "zindagi khatam karne ka soch raha hu",
    "roz marne ke khayal aate hai",
    "har waqt marne ka sochti rehti hu",
    "marne ka dil karta hai",
    "mujhe maut chahiye",
    "i want to mar jana seriously",
    "life khatam karna chahta hu apni",
    "main suicide karna chahta hu pls help",
    "मैं सुसाइड करना चाहता हूँ",
    "सुसाइड के ख्याल आते हैं मुझे",
    "mujhe zinda nahi rehna",
    "zinda rehne ka koi matlab nahi, marna hai bas",
    "is zindagi se mukti chahiye mujhe",
    "marne ki ichha ho rahi hai",
    "main jeevan samapt karna chahta hu",
    "मैं अपना जीवन समाप्त करना चाहती हूँ",
)

IMMINENT = (
    "आज रात मैं खुद को खत्म कर लूँगा",
    "aaj raat suicide kar lunga",
    "aaj raat main mar jaungi, sab tay kar liya hai",
    "कल सुबह तक मैं मर जाऊँगी, सब सोच लिया है",
    "मैंने सारी गोलियाँ खा ली हैं",
    "maine saari goliyan kha li hai",
    "maine bahut saari neend ki goliyan nigal li",
    "मैं पुल पर खड़ा हूँ और कूदने वाला हूँ",
    "chhat ke kinare khadi hu, bas kood jaungi",
    "goliyan mere haath me hai, ab marna hai",
    "मेरे हाथ में ब्लेड है और मैं मरना चाहती हूँ",
    "abhi khud ko khatam kar raha hu",
    "मरने जा रहा हूँ, गोलियां सामने रखी हैं",
)

PLAN = (
    "maine suicide ka plan bana liya hai",
    "मैंने मरने का दिन तय कर लिया है",
    "kaise marna hai sab soch rakha hai",
    "मैं महीनों से गोलियां जमा कर रही हूँ",
    "marne ke tarike search kar raha hu",
    "आखिरी चिट्ठी लिख दी है, कल मैं नहीं रहूँगा",
    "mere baad mera samaan bhai ko de dena",
)

VEILED = (
    "सोचती हूँ कि सो जाऊँ और फिर कभी न उठूँ",
    "bas so jau aur kabhi uthu hi na",
    "काश कल सुबह मेरी आँख ही न खुले",
    "मेरे बिना सब ज़्यादा खुश रहेंगे",
    "mere bina sab khush rahenge",
    "main na rahun to kisi ko fark nahi padega",
    "मैं सब पर बोझ हूँ",
    "boj hu sab par",
    "ghar walon pe bojh ban gayi hu",
    "अपने परिवार के लिए मैं सिर्फ बोझ हूँ",
    "मैं पैदा ही क्यों हुआ",
    "kaash main paida hi na hua hota",
    "काश मैं पैदा ही न होता",
    "mujhe gayab ho jana hai hamesha ke liye",
    "अब मुझसे और नहीं सहा जाता, कोई रास्ता नहीं बचा",
    "sab kuch khatam ho jaye bas",
    "jeene ki wajah nahi bachi",
    "मेरे जीने का कोई मतलब नहीं है",
    "zindagi ka koi matlab nahi raha",
    "main rahu ya na rahu kya fark padta hai",
    "मेरे होने न होने से किसी को फर्क नहीं पड़ता",
    "mere hone na hone se kisi ko farak nahi padta",
    "अगर मैं न रहूँ तो माँ की परेशानी कम हो जाएगी",
    "koi truck aa ke mujhe kuchal de to achha ho",
    "ek din bina bataye chala jaunga, koi dhundh nahi payega",
    "mera koi future nahi hai, sab andhera hai",
    "आगे कुछ दिखाई नहीं देता, बस अंधेरा है",
    "bhagwan mujhe bula le apne paas",
    "ab kisi ko meri zaroorat nahi hai, jaane ka waqt aa gaya",
    "मेरे जाने से सबकी मुश्किलें खत्म हो जाएँगी",
    "mere marne ke baad hi sabko chain milega",
    "saans lena bhi bojh lagta hai",
    "mai zyada din nahi hu",
    "अब ये दुनिया मेरे लायक नहीं, मैं जा रहा हूँ",
    "kya fayda jeene ka",
    "जीने का क्या फायदा",
    "kyun jee raha hu main pata nahi",
)

FAREWELL = (
    "alvida doston, mera khayal rakhna chhod do ab",
    "अलविदा सबको, मुझे माफ़ कर देना",
    "ये मेरा आखिरी मैसेज है",
    "yeh mera aakhri message hai, maaf karna",
    "मेरे जाने के बाद माँ का ख्याल रखना",
    "ab hum kabhi nahi milenge, khush rehna",
    "maine sabke liye chitthi likh di hai, mere jaane ke baad padhna",
    "agle janam me milte hai, bye sabko",
)

SELF_HARM = (
    "मैं अपने हाथ काटती हूँ",
    "main khud ko cut karti hu jab gussa aata hai",
    "khud ko chot pahunchane ka mann kar raha hai",
    "खुद को चोट पहुँचाता हूँ",
    "apni kalai pe blade chalati hu",
    "aaj phir se apne haath pe cut lagaye",
    "मैं अपने आप को जलाती हूँ दर्द महसूस करने के लिए",
    "mai apne aap ko saza deti hu cut karke",
)

OTHER = (
    "मेरा दोस्त मरना चाहता है",
    "मेरी बहन आत्महत्या की बात कर रही है",
    "mera bhai bol raha hai ki wo jeena nahi chahta",
    "meri friend ne bola ki wo suicide kar legi",
    "मेरे पति कहते हैं कि वो अपनी जान दे देंगे",
    "mere roommate ne suicide note likha hai",
    "meri behen apne haath kaatti hai kya karu",
    "mera best friend kehta hai sab khatam karna hai use",
    "मेरी बेटी खुद को नुकसान पहुँचा रही है",
    "papa bol rahe the ki zeher kha lenge",
    "ek ladki online keh rahi hai ki aaj raat mar jayegi",
    "meri mummy kehti hai ki unhe mar jana chahiye",
    "दोस्त ने सबको अलविदा का मैसेज भेजा है और फोन नहीं उठा रहा",
    "mujhe darr hai ki mera bhai kuch kar na le",
    "mere ex ne dhamki di hai ki wo jaan de dega",
    "उसने कहा कि वह जीना नहीं चाहती, मैं उसकी कैसे मदद करूँ",
)

HARM_BY_OTHER = (
    "मेरा पति मुझे मारता है",
    "mera pati daaru pee ke mujhe peetta hai",
    "papa ne mujhe belt se maara",
    "मेरे पिताजी रोज़ मुझे पीटते हैं",
    "mere bf ne mera gala dabaya",
    "wo mujhe jaan se maarne ki dhamki deta hai",
    "mujhe kamre me band karke rakha hai sasural walo ne",
    "मेरा बॉयफ्रेंड मेरी फोटो वायरल करने की धमकी दे रहा है",
    "uncle mujhe galat tarike se chhute hai",
    "mere chacha ne mere saath zabardasti ki",
    "ghar walon ne mujhe kamre mein band kar diya hai",
    "मेरे साथ बलात्कार हुआ",
    "woh mujhe ghar se bahar nahi nikalne deta",
    "wo bahar darwaza tod raha hai, main bathroom me chhupi hu",
)

MEDICAL = (
    "papa behosh ho gaye hai aur saans nahi le rahe",
    "पापा को दिल का दौरा पड़ा है",
    "meri saans nahi aa rahi, seene me bahut dard hai",
    "बच्चे ने फिनायल पी लिया है",
    "khoon ruk nahi raha",
    "galti se zyada dawai kha li, chakkar aa rahe hai",
    "माँ को दौरे पड़ रहे हैं",
    "unka chehra tedha ho gaya aur bol nahi pa rahe",
    "ambulance bulao jaldi",
)

PAST_OR_DENIED = (
    "pehle suicide ke khayal aate the, ab theek hu",
    "कॉलेज में मैंने आत्महत्या की कोशिश की थी, अब ठीक हूँ",
    "2 saal pehle main marna chahta tha par ab khush hu",
    "main suicide nahi karunga, bas thak gaya hu",
    "मैं मरना नहीं चाहता, बस दर्द खत्म हो",
    "marna nahi chahta, bas koi sun le",
    "मैं खुदकुशी के बारे में नहीं सोच रहा",
    "khud ko nuksan nahi pahunchaunga",
)

ALGOSPEAK = (
    "kms karne ka man hai mera",
    "unalive karna hai khud ko",
    "main unalive hona chahta hu",
    "su1cide karna hai mujhe",
    "m a r n a chahta hu",
    "mujhe marna h yr",
    "khudkhusi krne ka mn h",
    "jina nhi chata ab",
    "jeene ka mn nhi h",
    "khud ko khtm krna h",
    "aatmahatyaa karna chata hu",
    "marnaaa chahta huuu",
    "mr jana h bs",
)

BENIGN = (
    "हँसते हँसते मर गया मैं",
    "hasi se mar gaya bhai",
    "has has ke mar gayi yaar",
    "इस लड़की ने तो मार डाला, क्या डांस है",
    "kya gaana hai yaar, maar daala",
    "ye garmi to jaan le legi",
    "yeh traffic meri jaan le lega",
    "thak ke mar gaya aaj office me",
    "थक के मर गई आज, बहुत काम था",
    "marne ki fursat nahi hai aajkal",
    "मरने की भी फुर्सत नहीं है",
    "bhookh se mar raha hu, khana kab banega",
    "भूख से मर रही हूँ, चलो पिज़्ज़ा मँगाते हैं",
    "mummy maar dalegi agar late hua",
    "teacher mujhe maar dalenge homework nahi kiya",
    "tujhe maar dunga agar last samosa khaya lol",
    "phone ki battery mar gayi",
    "sharm se mar gaya jab sabne dekha",
    "uski smile pe mar jaun",
    "us par marta hu main, kitni sundar hai",
    "jaan, aaj milte hai",
    "meri jaan kaisi ho",
    "jaan pehchaan badhao sabse",
    "suicide squad dekhi kal, bakwas film thi",
    "किसानों की आत्महत्या पर रिपोर्ट लिख रहा हूँ",
    "news me suicide rates ke baare me padha",
    "मेरी कहानी में हीरो आखिर में मर जाता है",
    "devdas ki maut wala scene bahut acha tha",
    "pubg me sabko maar dala aaj",
    "game me baar baar mar raha hu, boss bahut tough hai",
    "server ko kill karke restart karo",
    "time kill karne ke liye reels dekh raha hu",
    "exam ne jaan nikal di",
    "mera result aa gaya, pass ho gaya!",
    "main bahut udaas hu aaj",
    "मैं आज बहुत उदास हूँ, बॉस ने डाँटा",
    "breakup ho gaya, bahut rona aa raha hai",
    "exam ka bahut tension hai, neend nahi aati",
    "office me bahut kaam hai, thak gaya hu",
    "अकेलापन लगता है नए शहर में",
    "dadi ki maut ho gayi pichle mahine, bahut yaad aati hai",
    "दादाजी गुज़र गए, उनकी बहुत याद आती है",
    "mere kutte ki maut se bahut dukhi hu",
    "kal interview hai, darr lag raha hai",
    "mujhe marne se darr lagta hai",
    "मुझे मौत से डर लगता है",
    "delhi me nahi rehna mujhe, mumbai jana hai",
    "dosa bana ke khaya, maza aa gaya",
    "khana khatam karna hai jaldi",
    "project khatam karna hai aaj raat tak",
    "kaam khatam karke sone ja raha hu",
    "सब काम खत्म करके सोना है",
    "data khatam ho gaya mera",
    "dard ki goli kha li, ab sar dard theek hai",
    "doctor ne jo goli di thi wo kha li",
    "सिर दर्द की गोली खा ली है",
    "roz vitamin ki goli leta hu",
    "pul par khade hokar nadi dekhi, bahut sundar thi",
    "chhat pe baith ke chai pi rahe hai",
    "छत पर बैठकर तारे देख रहे हैं",
    "baal cut karwane hai",
    "pyaz kaat rahi thi ankh me aansu aa gaye",
    "sabzi kaatte hue ungli kat gayi thodi",
    "rassi kood ke weight loss hota hai kya",
    "neend nahi aa rahi, kya karu",
    "subah jaldi uthna nahi hota mujhse",
    "bas ab aur padhai nahi hoti",
    "boss ke saamne bolne ki himmat nahi hoti",
    "kandhe pe bhaari bag utha ke aaya",
    "school bag ka bojh bahut hai",
    "mujhe koi fark nahi padta log kya kahenge",
    "usko koi fark nahi padta meri baaton se",
    "facebook se gayab ho jana chahta hu kuch din",
    "alvida 2023, naya saal mubarak",
    "college ko alvida kehne ka time aa gaya",
    "bhai ki shaadi me bahut maza aaya",
    "meri saas bahut bolti hai, pareshan hu",
    "papa se ladai ho gayi, gusse me hu",
    "बॉस ने मुझे बहुत सुनाया, मन खराब है",
    "sir ne test me kam number diye",
    "match haar gaye, dil toot gaya",
    "india haar gaya, mar gaye yaar lol",
    "mera phone toot gaya",
    "doctor ke paas jana hai kal subah",
    "kal subah gym jana hai",
    "chup chap mar khaya bachpan me shararat karke",
    "accident dekha aaj road pe, darr gaya",
    "main apni behen ko bahut miss karta hu",
    "kya ye dawai khali pet le sakte hai",
    "bp ki dawai kitni baar leni chahiye",
)

CHECK_IN_AT_MOST = (
    "ab aur nahi hota mujhse",
    "अब और नहीं होता",
    "himmat haar gayi hu kaam se",
    "bahut thak gaya hu sab se",
    "अब थक चुकी हूँ मैं",
)


@pytest.mark.parametrize("text", EXPLICIT + PLAN + FAREWELL)
def test_an_explicit_statement_is_elevated(text: str) -> None:
    at_least(text, RiskTier.ELEVATED, "hi")


@pytest.mark.parametrize("text", IMMINENT)
def test_intent_with_time_means_or_an_act_is_imminent(text: str) -> None:
    at_least(text, RiskTier.IMMINENT, "hi")


@pytest.mark.parametrize("text", VEILED + ALGOSPEAK)
def test_a_veiled_or_disguised_statement_is_noticed(text: str) -> None:
    at_least(text, RiskTier.CHECK_IN, "hi")


@pytest.mark.parametrize("text", PAST_OR_DENIED)
def test_what_is_past_or_denied_asks_and_goes_no_higher(text: str) -> None:
    at_least(text, RiskTier.CHECK_IN, "hi")
    at_most(text, RiskTier.CHECK_IN, "hi")


@pytest.mark.parametrize("text", SELF_HARM)
def test_self_injury_is_elevated(text: str) -> None:
    at_least(text, RiskTier.ELEVATED, "hi")


@pytest.mark.parametrize("text", OTHER)
def test_another_person_at_risk_is_elevated_and_not_taken_for_the_writer(text: str) -> None:
    at_least(text, RiskTier.ELEVATED, "hi")
    is_kind(text, RiskKind.OTHER, "hi")


@pytest.mark.parametrize("text", HARM_BY_OTHER)
def test_violence_by_another_is_elevated(text: str) -> None:
    at_least(text, RiskTier.ELEVATED, "hi")
    is_kind(text, RiskKind.HARM_BY_OTHER, "hi")


@pytest.mark.parametrize("text", MEDICAL)
def test_a_medical_emergency_is_imminent(text: str) -> None:
    at_least(text, RiskTier.IMMINENT, "hi")
    is_kind(text, RiskKind.MEDICAL, "hi")


@pytest.mark.parametrize("text", BENIGN)
def test_idioms_stories_work_and_ordinary_days_are_quiet(text: str) -> None:
    at_most(text, RiskTier.NONE, "hi")


@pytest.mark.parametrize("text", CHECK_IN_AT_MOST)
def test_being_at_the_end_of_ones_tether_is_not_an_alarm(text: str) -> None:
    at_most(text, RiskTier.CHECK_IN, "hi")
