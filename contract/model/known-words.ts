/**
 * What people make passwords of, the likeliest first in each block. Written for this program, not taken from a leaked
 * list: common words, first names and teams in English, Portuguese and Spanish, and the words of a plant. Years, runs,
 * keyboard rows, repeats, swapped letters ("p4ssw0rd") and several of them in a row are found by rule
 * (`password-strength.ts`), so that each word here stands for the thousands of passwords made of it.
 */
const everyday = `
password passwort passphrase pass word letmein letme let me in please welcome willkommen login logon signin open sesame
admin administrator root user guest test tester testing demo sample example default factory change changeme changeit now
master secret topsecret private access system server computer internet network security secure safe unsafe trustno one
hello hi hallo hola bonjour world love iloveyou you baby angel princess prince queen king lord god jesus christ heaven
hell devil satan freedom forever always never ever life death sun sunshine moon star stars sky rain snow fire water
earth wind storm thunder lightning summer winter spring autumn fall season january february march april may june july
august september october november december monday tuesday wednesday thursday friday saturday sunday today tomorrow
yesterday day night morning evening year month week happy birthday christmas easter party holiday vacation money dollar
euro bank cash gold silver diamond crystal ruby pearl monkey dragon tiger lion bear wolf eagle falcon hawk horse dog cat
fish shark whale dolphin snake spider butterfly bird phoenix unicorn panda rabbit bunny turtle elephant zebra mouse rat
pig cow chicken football soccer baseball basketball hockey tennis golf rugby cricket racing running swimming fishing
hunting sport sports player winner champion coffee tea beer wine whiskey vodka pizza cheese chocolate cookie sugar candy
apple orange banana lemon cherry peach strawberry pepper ginger red blue green yellow black white purple pink brown grey
gray orange magic wizard witch ghost shadow ninja samurai warrior knight soldier hunter killer sniper ranger pirate
captain commander chief boss superman batman spiderman ironman hulk starwars startrek skywalker vader yoda matrix hobbit
gandalf frodo potter harry pokemon pikachu mario zelda sonic minecraft fortnite gamer game games play music guitar piano
drums rock metal punk jazz dance singer song home house garden family mother father sister brother son daughter mom dad
mommy daddy grandma grandpa friend friends lover darling honey sweet sweetie sexy hot cool nice good best great super
mega ultra power strong big little small old new first last number phone mobile samsung iphone google facebook twitter
amazon microsoft windows linux ubuntu android apple adobe oracle cisco intel yahoo hotmail gmail email mail web site
website work office company business manager director school college university student teacher doctor nurse police
army navy marine airforce america american england english london france paris germany berlin spain madrid italy rome
russia moscow china japan tokyo india canada mexico brazil texas california florida chicago boston newyork york correct
horse battery staple the and for with from this that your my our is are was what who why how yes no ok okay qwerty qwertz
azerty asdf zxcv letters abc xyz trust nobody whatever something nothing everything incorrect wrong forgot forgotten
remember reset temporary temp temporal maintenance service services support helpdesk help staff team group public shared
`

const portuguese = `
senha senhas mudar mudarsenha trocar acesso entrar entrada sistema usuario usuaria administrador gerente chefe empresa
trabalho escritorio segredo segura seguro segredos teste testando padrao provisoria temporaria bemvindo bemvinda ola bom
boa dia tarde noite obrigado obrigada favor amor amo amote eu te voce minha meu nosso nossa vida feliz felicidade familia
mae pai filho filha irmao irma avo vovo neto bebe princesa principe rainha rei anjo deus jesus cristo maria senhor gloria
paz esperanca saudade coracao estrela lua sol mar praia rio casa jardim flor flores rosa azul verde amarelo vermelho
preto branco cachorro gato cavalo leao tigre passaro borboleta futebol bola time campeao flamengo corinthians palmeiras
santos saopaulo vasco fluminense botafogo gremio internacional cruzeiro atletico mineiro bahia vitoria sport brasil
brasileiro brasilia paulista carioca mineira gaucho portugal lisboa porto benfica sporting janeiro fevereiro marco abril
maio junho julho agosto setembro outubro novembro dezembro segunda terca quarta quinta sexta sabado domingo natal verao
inverno primavera outono cerveja cafe chocolate pizza dinheiro banco ouro prata estrada carro moto caminhao cidade campo
fazenda sitio um dois tres quatro cinco seis sete oito nove dez cem mil
`

const spanish = `
contrasena contrasenya clave secreto cambiar cambiame acceso bienvenido bienvenida hola amigo amiga amigos amor teamo
tequiero quiero corazon vida feliz familia madre padre hermano hermana hijo hija abuelo abuela nino nina princesa reina
rey angel dios jesus santa cielo estrella luna sol mar playa casa perro gato caballo leon tigre futbol barcelona real
madrid atletico sevilla valencia mexico argentina colombia chile peru espana verano invierno otono enero febrero marzo
mayo junio julio septiembre octubre noviembre diciembre lunes martes miercoles jueves viernes sabado navidad cerveza
dinero trabajo empresa oficina usuario prueba
`

const names = `
michael jessica ashley daniel andrew joshua matthew jennifer thomas robert michelle nicole charlie jordan anthony justin
amanda william george david james john richard joseph christopher brian kevin jason jeffrey ryan jacob gary nicholas eric
stephen steven jonathan larry scott brandon benjamin samuel gregory frank alexander alex patrick jack dennis jerry tyler
aaron jose henry adam douglas nathan peter zachary kyle walter harold jeremy ethan carl keith roger gerald christian
terry sean arthur austin noah lawrence jesse joe bryan billy bruce albert willie gabriel logan alan juan wayne roy ralph
randy eugene vincent russell louis philip bobby johnny bradley mary patricia linda elizabeth barbara susan sarah karen
nancy lisa margaret betty sandra dorothy kimberly emily donna carol ruth sharon laura cynthia kathleen amy angela shirley
anna brenda pamela emma helen samantha katherine christine deborah rachel carolyn janet catherine heather diane julie
joyce victoria kelly christina joan evelyn lauren judith megan andrea cheryl hannah jacqueline martha gloria teresa ann
sara madison frances kathryn janice jean alice julia grace judy sophia charlotte maria ana joao jose antonio francisco
carlos paulo pedro lucas luiz luis marcos marcelo gabriel rafael felipe bruno eduardo rodrigo fernando gustavo leonardo
thiago tiago vinicius matheus mateus guilherme henrique caio diego diogo vitor victor fabio andre adriano alessandro
sergio ricardo roberto renato leandro juliana fernanda patricia aline camila amanda bruna jessica leticia mariana beatriz
larissa vanessa natalia gabriela rafaela carolina isabela sofia manuela valentina luiza helena alice laura clara julia
claudia adriana marcia cristina simone monica silva santos oliveira souza pereira lima ferreira costa rodrigues almeida
nascimento carvalho gomes martins araujo ribeiro barbosa smith johnson williams brown jones miller davis garcia lopez
gonzalez hernandez perez sanchez ramirez torres flores rivera muller schmidt schneider fischer weber meyer wagner
`

const plant = `
operator operador engineer engenheiro ingeniero technician tecnico supervisor foreman electrician eletricista mechanic
plant planta factory fabrica usina mill industry industria industrial production producao produccion line linha linea
machine maquina robot motor pump bomba valve valvula boiler caldeira compressor chiller tank tanque silo oven forno
packaging bottling dairy laticinio steel aco cement cimento paper papel sugar acucar oil gas power energia energy water
agua steam vapor pressure pressao temperature temperatura level nivel flow vazao sensor sensors meter medidor gateway
gateways scada hmi plc clp rtu dcs modbus profibus profinet opcua ethernet mqtt broker telemetry telemetria control
controle controlroom saladecontrole automation automacao maintenance manutencao shift turno laboratory laboratorio
quality qualidade warehouse estoque siemens schneider rockwell allenbradley allen bradley abb honeywell emerson yokogawa
mitsubishi omron beckhoff phoenix wago festo danfoss weg altus novus endress hauser bosch rexroth fanuc kuka wonderware
ignition simatic step tia portal panelview factorytalk citect raspberry arduino esp esp32 stm32 millwright mosquitto
`

/** Each word with its place: how many words are likelier. */
export const knownWords: ReadonlyMap<string, number> = new Map(
  [...new Set(`${everyday} ${plant} ${portuguese} ${spanish} ${names}`.trim().split(/\s+/))].map(
    (word, place) => [word, place],
  ),
)

/** Rows of keyboards, as fingers run along them, in both directions. */
export const keyboardRows: readonly string[] = [
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'azertyuiop',
  'qsdfghjklm',
  '1234567890',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik',
  'qazwsxedcrfvtgbyhnujm',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  'zaq12wsxcde34rfvbgt5',
  '!@#$%^&*()',
  '!"£$%^&*()',
  'abcdefghijklmnopqrstuvwxyz',
  '147258369',
  '789456123',
]

/** Whole phrases that many take, compared with everything but letters taken out. */
export const knownPhrases: ReadonlySet<string> = new Set(
  `
  correcthorsebatterystaple passwordpassword passwordpasswordpassword iloveyouforever letmeinplease trustnooneatall
  thequickbrownfox thequickbrownfoxjumpsoverthelazydog loremipsumdolorsitamet maytheforcebewithyou tobeornottobe
  tobeornottobethatisthequestion openthepodbaydoors allyourbasearebelongtous onceuponatime happybirthdaytoyou
  twinkletwinklelittlestar maryhadalittlelamb winteriscoming thisismypassword thisisapassword mypasswordis
  mysecretpassword donottouchthis passwordforthesite ordemeprogresso ouviramdoipiranga eusoubrasileiro
  euteamoparasempre minhasenhasecreta estaeaminhasenha sejabemvindo deuseomaiordetodos deusefiel jesuscristo
  nossasenhoraaparecida estaesmicontrasena micontrasenasecreta tequieromucho teamoparasiempre vivamexico
  administradordosistema administratorpassword changethispassword changemeplease defaultpassword factorydefault
  `
    .trim()
    .split(/\s+/),
)
