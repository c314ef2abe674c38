"""Function words of European languages: what carries no content, and what tells one language from another."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTION_WORDS = {
    "en": _words(
        """
        a about above after again all also although always among an and another any are aren as at be because been
        before being below between both but by can cannot could couldn did didn do does doesn doing don done during
        each either else ever every few for from further had hadn has hasn have haven having he hence her here hers
        him his how however i if in instead into is isn it its itself just least less ll like many may me might more
        most much must my neither never no nor not now of off often on once only or other others otherwise our out
        over own per rather re same shall she should shouldn since so some still such t than that the their them
        then there therefore these they this those though through thus to too under unless until up upon us ve very
        via was wasn we were weren what when where whereas whether which while who whole whom whose why will with
        within without won would wouldn yes yet you your yours
        """
    ),
    "de": _words(
        """
        aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bevor bis bzw
        da dabei dadurch dafür dagegen damit danach dann daran darauf darf darin das dass davon dazu dein dem den
        denen denn der deren des dessen die dies diese diesem diesen dieser dieses doch dort du durch dürfen eher
        ein eine einem einen einer eines einmal er erst es etwa etwas falls für gegen gibt habe haben hat hatte
        hier hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in indem ins ist ja je jede jedem jeden
        jeder jedes jedoch kann kein keine keinem keinen keiner können lediglich man mehr mehrere mit muss müssen
        nach nachdem nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner seit selbst
        sich sie sind so sobald sofern solange soll sollen sollte sondern sonst sowie statt über um und uns unter
        viel vom von vor wann war warum was weil weniger wenn wer werden wie wieder wird wo wobei wodurch wurde
        wurden zu zum zur zwischen
        """
    ),
    "fr": _words(
        """
        afin ainsi alors après au aucun aucune aussi autre autres aux avant avec avoir c car ce ceci cela celle
        celles celui ces cet cette ceux chaque chez ci comme comment contre d dans de depuis des dès donc dont du
        elle elles en encore entre est et étaient était étant être eu eux fait faut il ils j jusqu l la là le les
        lesquels leur leurs lors lorsqu lorsque lui m mais mais même mêmes moins n ne ni non nos notre nous on ont
        or ou où par parce pas pendant peut peuvent plus plusieurs pour pourquoi puis qu quand que quel quelle
        quelles quels qui quoi s sa sans se sera seront ses seulement si sinon soit son sont sous sur t tous tout
        toute toutes très un une vers via votre vous y à ça
        """
    ),
    "es": _words(
        """
        a además al algo alguna algunas alguno algunos ambos ante antes aquel así aún aunque bajo bien cada como
        cómo con contra cual cuál cuales cualquier cuando cuándo cuyo de debe deben dejar del desde después donde
        dónde dos durante e el él ella ellas ellos en entre era es esa ese eso esos esta está están estar estas
        este esto estos fue fuera ha hace hacia han hasta hay la las le les lo los más mediante menos mientras
        mismo mucho muy ni no nos nunca o otra otras otro otros para pero poco por porque puede pueden pues que
        qué quien se sea según ser si sí sido siempre sin sino sobre solo son su sus también tan tanto tiene tienen
        toda todas todo todos tras tu un una unas uno unos usted ya y
        """
    ),
    "it": _words(
        """
        a ad affinché agli ai al alla alle allo altri altro anche ancora anzi bensì c che chi ci ciascun ciò come
        con contro cosa così cui d da dagli dai dal dalla dalle dallo degli dei del della delle dello deve devono
        di dopo dove due durante e è ed entro era essere fino fra gli ha hanno i il in invece io l la le lei lo
        loro ma mentre meno molto ne né negli nei nel nella nelle nello noi non nostro o ogni oltre oppure per
        perché però più poi possono prima può qualche quale quali quando quanto quello questa queste questi questo
        quindi s se sei senza si sia solo sono sopra sotto su sua sue sugli sui sul sulla sulle sullo suo tale
        tra tramite troppo tutte tutti tutto un una uno vengono viene
        """
    ),
    "pt": _words(
        """
        a ao aos apenas após as às até cada com como contra da das de dele deles depois desde deve devem do dos
        durante e é ela elas ele eles em embora enquanto entre era essa esse esta está estão este eu foi fora há
        isso isto já lhe mais mas mediante mesmo muito na não nas nem no nos nós num numa nunca o onde os ou outra
        outro para pela pelas pelo pelos pode podem por porque porém pois qual qualquer quando que quem são se sem
        sempre ser será seu seus sob sobre só sua suas também tem têm toda todas todo todos um uma umas uns você
        """
    ),
    "nl": _words(
        """
        aan al alle alleen als altijd andere bij binnen daar dan dat de der deze die dit doen door dus een elk
        elke en er geen had heb hebben heeft hem het hier hij hoe hun iets ik in indien is ja je kan kunnen maar
        meer men met mijn moet moeten na naar niet niets nog nu of om omdat onder ons ook op over per s sinds te
        tegen terwijl toch toen tot tussen u uit uw van veel via voor waar wanneer want waren was wat welke werd
        wie wij wordt worden ze zelf zich zij zijn zo zoals zodat zonder zou zullen
        """
    ),
    "pl": _words(
        """
        aby albo ale był była było były być czy dla do gdy gdzie i ich ja jak jako je jego jej jest jeśli jeżeli
        już każdy kiedy który która które których lub ma może można na nad nie nich o od oraz po pod poza przed
        przez przy są się tak także tego tej ten to tu tych tylko w we wszystkie więc z za ze że
        """
    ),
    "ru": _words(
        """
        а без более бы был была были было быть в вам вас весь во вот все всё всегда всего всех вы где да даже для
        до его ее её если есть еще ещё же за здесь и из или им имеет их к как какой когда который которая которое
        которые которых кроме ли либо лишь между меня мне может можно мы на над надо нам нас не него нее неё нельзя
        нет ни них но ну о об однако он она они оно от перед по под после потому почему при про раз с сам себя со
        так также такой там тем то того тоже только том тот ту у уже хотя чего чем через что чтобы эта эти это этого
        этой этом этот я является
        """
    ),
    "uk": _words(
        """
        а або але без був була були було бути в від він вона вони все всі для до є з за і із й його її їх коли
        лише ми може можна на не ні об один по при про та так також там те ти тільки то у це цей ці через чи що
        щоб як якщо який яка які
        """
    ),
}
"""ISO 639-1 code to words, case-folded, as `text.tokens.words` returns them."""

EVERY_FUNCTION_WORD = frozenset[str]().union(*FUNCTION_WORDS.values())
