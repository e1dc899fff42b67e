const words = `
password passwordpassword passphrase letmein letmeinplease welcome welcometo changeme changemenow administrator
adminadmin adminadminadmin administratoradministrator qwerty qwertyuiop qwertyqwerty qwertyuiopasdf asdfghjkl
asdfghjklzxcvbnm zxcvbnm iloveyou iloveyouforever monkey dragon football baseball basketball sunshine princess superman
batman trustno trustnoone master shadow secret topsecret default defaultpassword factory factorydefault engineer
operator maintenance technician supervisor gateway scada modbus siemens schneider rockwell allenbradley telemetry
industrial production controlroom plantengineer correcthorsebatterystaple senha senhasenha mudar mudarsenha
administrador brasil flamengo corinthians palmeiras contrasena contrasenya bienvenido temporal temporary
`

const spelled = `
password1234 password12345 password123456 passw0rd1234 p@ssword1234 p@ssw0rd1234 welcome12345 welcome123456
qwerty123456 qwerty12345 1q2w3e4r5t6y 1qaz2wsx3edc 1qaz@wsx3edc zaq12wsxcde3 admin1234567 admin12345678 administrator1
abc123456789 a1b2c3d4e5f6 123456789abc 111111111111 000000000000 123123123123 121212121212 112233445566
letmein12345 changeme1234 changeme12345 iloveyou1234 mudar1234567 senha1234567 senha12345678 brasil123456
`

/**
 * A small offline list: the words that long passwords are most often made of (compared after everything but
 * letters is taken out) and long spelled ones (compared as they are). Written for plants: vendors and roles too.
 */
export const knownPasswords: ReadonlySet<string> = new Set(`${words} ${spelled}`.trim().split(/\s+/))
